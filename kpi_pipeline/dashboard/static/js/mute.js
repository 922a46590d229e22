// Asks for how long a rule is muted, and why.

import { act } from "./api.js";
import { tell } from "./announce.js";
import { open } from "./dialog.js";
import { h } from "./dom.js";

const CHOICES = [
  [30, "30 minutes"],
  [60, "1 hour"],
  [240, "4 hours"],
  [1440, "1 day"],
];

/** The one that Enter takes has the focus. */
const CHOSEN = { checked: true, autofocus: true };

/** @param {string} rule */
export async function askMute(rule) {
  const choices = CHOICES.map(([minutes, text], at) => {
    const input = h("input", {
      type: "radio",
      name: "minutes",
      value: minutes,
      ...(at === 1 && CHOSEN),
    });
    return h("label", {}, input, h("span", {}, text));
  });
  const why = h("input", { type: "text", name: "why", maxlength: 200, autocomplete: "off" });
  const failure = h("p", { class: "failure", role: "alert" });
  const form = h(
    "form",
    { class: "mute" },
    h("fieldset", {}, h("legend", {}, "For how long"), ...choices),
    h("label", { class: "field" }, "Why (others will read it)", why),
    failure,
    h("button", { class: "primary" }, "Mute"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = new FormData(form);
    try {
      await act("mute", { rule, minutes: Number(chosen.get("minutes")), why: chosen.get("why") });
      dialog.close();
      tell(`${rule} is muted.`);
    } catch (problem) {
      failure.textContent = problem.message;
    }
  });
  const dialog = open(`Mute ${rule}`, h("p", {}, "It goes on judging; nobody is told."), form);
}
