// One line of the alert strip, and what people can do there.

import { act } from "./api.js";
import { tell, warn } from "./announce.js";
import { away, h, mark } from "./dom.js";
import { full, short } from "./format.js";
import { icon } from "./icons.js";
import { near } from "./moment.js";
import { askMute } from "./mute.js";
import { STATES, group, title, windowTitle } from "./words.js";

/** What an episode is about, in words. */
export const subject = ({ metric, window, rule, dims }) =>
  [
    metric ? title(metric) : title(rule),
    dims.length ? group(dims) : "",
    window ? windowTitle(window) : "",
  ]
    .filter(Boolean)
    .join(", ");

const has = (value) => value !== null && value !== undefined;

/** Its line. @param {{snapshot: object, now: number, may: boolean}} page */
export function episode(each, page) {
  const state = each.phase === "pending" ? "pending" : each.level;
  const { word, icon: name } = STATES[state] ?? STATES.unknown;
  const zone = page.snapshot.timezone;
  const value = has(each.value) && h("strong", {}, short(each.value, each.unit));
  const what = h(
    "p",
    { class: "what" },
    h("span", { class: "subject" }, subject(each)),
    value,
    h("span", { class: "reason" }, each.reason),
  );
  const facts = [
    each.since && `since ${near(each.since, zone, page.now)}`,
    has(each.bound) && `bound ${full(each.bound, each.unit)}`,
    has(each.peak) && each.peak !== each.value && `worst ${short(each.peak, each.unit)}`,
    each.told.length ? `told ${each.told.join(", ")}` : "nobody told",
    each.owner && `owner ${each.owner}`,
    each.acknowledged && `acknowledged ${near(each.acknowledged, zone, page.now)}`,
    each.muted_until && `muted until ${near(each.muted_until, zone, page.now)}`,
  ].filter(Boolean);
  const links = [away(each.run, "Run"), away(each.runbook, "Runbook")];
  const level = h("span", { class: "level" }, icon(name), word);
  const detail = h("p", { class: "facts" }, ...facts.map((text) => h("span", {}, text)), ...links);
  return h(
    "li",
    { "data-state": state, "data-rule": each.rule },
    level,
    h("div", { class: "said" }, what, detail),
    actions(each, page),
  );
}

function actions(each, { may }) {
  if (!may) return null;
  const about = `${each.rule} ${each.dims}`;
  const body = {
    rule: each.rule,
    dims: each.dims,
    number: each.number,
    level: each.level,
    why: "",
  };
  const take =
    each.acknowledged || each.phase === "pending"
      ? null
      : button("Acknowledge", "check", about, () => act("acknowledge", body));
  const quiet = each.muted_until
    ? button("Unmute", "bell", about, () => act("unmute", { rule: each.rule }))
    : button("Mute", "mute", about, () => askMute(each.rule));
  return h("div", { class: "actions" }, take, quiet);
}

/** The line of a rule that is mute and would have nothing to say. */
export function muted({ rule, until, why, by }, { may, snapshot, now }) {
  const text = [`muted until ${near(until, snapshot.timezone, now)}`, by && `by ${by}`, why].filter(
    Boolean,
  );
  const what = h("p", { class: "what" }, h("span", { class: "subject" }, title(rule)));
  const detail = h("p", { class: "facts" }, ...text.map((each) => h("span", {}, each)));
  const unmute =
    may &&
    h(
      "div",
      { class: "actions" },
      button("Unmute", "bell", rule, () => act("unmute", { rule })),
    );
  const level = h("span", { class: "level" }, icon("mute"), "Muted");
  return h(
    "li",
    { "data-state": "muted", "data-rule": rule },
    level,
    h("div", { class: "said" }, what, detail),
    unmute,
  );
}

/** A button that works once at a time, and says what went wrong. */
function button(text, name, about, action) {
  const pressed = async ({ currentTarget }) => {
    mark(currentTarget, "disabled", true);
    try {
      await action();
      tell(`${text}: done.`);
    } catch (problem) {
      warn(problem.message);
      currentTarget.title = problem.message;
    } finally {
      mark(currentTarget, "disabled", null);
    }
  };
  return h(
    "button",
    { class: "act", onclick: pressed, "data-focus": `${text} ${about}` },
    icon(name),
    text,
  );
}
