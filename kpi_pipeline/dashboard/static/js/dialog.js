// A dialog over the page: opened with the keyboard's focus in it, gone with Escape or a click beside.

import { focused, h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Opens a dialog; it is removed when it closes, and the focus goes back to where it was.
 * @param {string} heading
 * @param {...Node} content
 * @returns {HTMLDialogElement}
 */
export function open(heading, ...content) {
  const back = focused();
  const close = h(
    "button",
    { class: "control close", "aria-label": "Close", onclick: () => dialog.close() },
    icon("close"),
  );
  const title = h("h2", { id: "dialog-title" }, heading);
  const inner = h("div", { class: "inner" }, h("header", {}, title, close), ...content);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, inner);
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    back();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * A list of facts: names and what they are; facts without a value are left out.
 * @param {[string, string | Node | null | undefined | false][]} facts
 */
export function facts(facts) {
  const rows = facts.filter(([, value]) => value);
  return h(
    "dl",
    { class: "facts" },
    ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}
