// One line of the alert strip, and what people can do there.

import { act } from "./api.js";
import { tell, warn } from "./announce.js";
import { equal } from "./decimal.js";
import { away, h, mark } from "./dom.js";
import { full, short, terse } from "./format.js";
import { icon } from "./icons.js";
import { near } from "./moment.js";
import { askMute } from "./mute.js";
import { STATES, group, title, windowTitle } from "./words.js";

/** What an episode is about, in words. */
export const subject = ({ metric, window, dims }) =>
  [metric ? title(metric) : "", dims.length ? group(dims) : "", window ? windowTitle(window) : ""]
    .filter(Boolean)
    .join(", ");

const has = (value) => value !== null && value !== undefined;

/**
 * Its line.
 * @param {{snapshot: object, now: number, may: boolean, mutes: object[]}} page
 */
export function episode(each, page) {
  const state = each.phase === "pending" ? "pending" : each.level;
  const { word, icon: name } = STATES[state] ?? STATES.unknown;
  const at = (moment) => near(moment, page.snapshot.timezone, page.now);
  const mute = each.muted_until && page.mutes.find(({ rule }) => rule === each.rule);
  const facts = [
    each.acknowledged && `acknowledged ${at(each.acknowledged)}`,
    each.muted_until && hushed({ ...mute, until: each.muted_until }, at),
    each.since && `since ${at(each.since)}`,
    has(each.peak) && each.peak !== each.value && `worst ${short(each.peak, each.unit)}`,
    each.told.length ? `told ${each.told.join(", ")}` : !each.waiting.length && "nobody told",
    each.waiting.length > 0 && `a message to ${each.waiting.join(", ")} waits`,
    each.failed.length > 0 && `${each.failed.join(", ")} failed`,
    each.owner && `owner ${each.owner}`,
  ].filter(Boolean);
  const links = [away(each.run, "Run", whose(each)), away(each.runbook, "Runbook", whose(each))];
  const level = h("span", { class: "level" }, icon(name), word);
  const detail = h("p", { class: "facts" }, ...facts.map((text) => h("span", {}, text)), ...links);
  const calm = Boolean(each.acknowledged || each.muted_until);
  return h(
    "li",
    { "data-state": state, "data-rule": each.rule, "data-row": rowOf(each), "data-calm": calm },
    level,
    h("div", { class: "said" }, what(each, page), detail),
    actions(each, page),
  );
}

/** Of which line a button or a link is, for who cannot see the line. */
const whose = ({ rule, dims = [] }) =>
  h("span", { class: "unseen" }, ` ${[rule, ...(dims.length ? [group(dims)] : [])].join(", ")}`);

/** The rule as commands call it, what it is about, and the value with its bound, once. */
function what(each, page) {
  const rule = h("code", { class: "rule" }, each.rule);
  const about = h("span", { class: "subject", title: each.reason }, subject(each));
  if (!has(each.value) || !has(each.bound))
    return h("p", { class: "what" }, rule, about, h("span", {}, each.reason));
  const value = h("strong", { title: full(each.value, each.unit) }, short(each.value, each.unit));
  const { side, past } = bounded(each, page.snapshot);
  const text = `${past ? "" : "bound: "}${side} ${terse(each.bound, each.unit)}`;
  const bound = h("span", { title: full(each.bound, each.unit) }, text);
  return h("p", { class: "what" }, rule, about, value, bound);
}

/** On which side of its bound a value is too far, and whether it still is. */
function bounded({ rule, value, bound }, { kpis }) {
  const own = kpis.flatMap(({ bounds }) => bounds).find((each) => each.rule === rule) ?? {};
  const is = (key) => has(own[key]) && equal(own[key], bound);
  const higher = Number(value) > Number(bound);
  const declared = ["warn_below", "critical_below"].some(is)
    ? "below"
    : ["warn_above", "critical_above"].some(is) && "above";
  const side = declared || (higher ? "above" : "below");
  return { side, past: equal(value, bound) || higher === (side === "above") };
}

/** Until when a rule is mute, by whom, and why. */
const hushed = ({ until, by, why }, at) =>
  [`muted until ${at(until)}`, by && ` by ${by}`, why && `: ${why}`].filter(Boolean).join("");

/** Which alert it is, among those that are open. */
export const rowOf = ({ rule, dims = [] }) => JSON.stringify([rule, dims]);

function actions(each, { may }) {
  if (!may) return null;
  const row = rowOf(each);
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
      : button("Acknowledge", "check", each, `acknowledge ${row}`, () => act("acknowledge", body));
  const quiet = each.muted_until
    ? button("Unmute", "bell", each, `mute ${row}`, () => act("unmute", { rule: each.rule }))
    : button("Mute", "mute", each, `mute ${row}`, () => askMute(each.rule));
  return h("div", { class: "actions" }, take, quiet);
}

/** The line of a rule that is mute and would have nothing to say. */
export function muted(mute, { may, snapshot, now }) {
  const { rule } = mute;
  const text = hushed(mute, (moment) => near(moment, snapshot.timezone, now));
  const name = h("p", { class: "what" }, h("code", { class: "rule" }, rule));
  const detail = h("p", { class: "facts" }, h("span", {}, text));
  const unmute =
    may &&
    h(
      "div",
      { class: "actions" },
      button("Unmute", "bell", mute, `mute ${rowOf(mute)}`, () => act("unmute", { rule })),
    );
  const level = h("span", { class: "level" }, icon("mute"), "Muted");
  return h(
    "li",
    { "data-state": "muted", "data-rule": rule, "data-row": rowOf(mute) },
    level,
    h("div", { class: "said" }, name, detail),
    unmute,
  );
}

/** A button that works once at a time, keeps the focus meanwhile, and says what went wrong. */
function button(text, name, each, key, action) {
  const pressed = async ({ currentTarget }) => {
    if (currentTarget.ariaDisabled) return;
    mark(currentTarget, "aria-disabled", "true");
    try {
      await action();
      tell(`${text}: done.`);
    } catch (problem) {
      warn(problem.message);
      currentTarget.title = problem.message;
    } finally {
      mark(currentTarget, "aria-disabled", null);
    }
  };
  const shown = [icon(name), h("span", {}, text, whose(each))];
  return h("button", { class: "act", onclick: pressed, "data-focus": key }, ...shown);
}
