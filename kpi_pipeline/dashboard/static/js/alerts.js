// The alert strip: a line per open episode, what people can do about it, and rules that are mute.

import { act, signIn } from "./api.js";
import { tell, warn } from "./announce.js";
import { arrange, away, h, mark } from "./dom.js";
import { full, short } from "./format.js";
import { icon } from "./icons.js";
import { near } from "./moment.js";
import { askMute } from "./mute.js";
import { STATES, group, title, windowTitle } from "./words.js";

const RANK = ["critical", "warn", "none"];

/** The strip; it is gone where there is nothing to say. */
export class Alerts {
  #known = null;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.list = h("ul", {});
    this.access = h("p", { class: "access", hidden: true }, icon("bell"), h("a", { href: signIn }, "Sign in"), " to acknowledge and mute");
    element.append(this.access, this.list);
  }

  /**
   * @param {{alerts: object | null, snapshot: object | null, status: object | null}} known
   * @param {number} now the server's time
   */
  update({ alerts, snapshot, status }, now) {
    if (!alerts || !snapshot) return;
    const page = { snapshot, now, may: Boolean(status?.may_act) };
    const rank = ({ phase, level }) => (phase === "pending" ? 9 : RANK.indexOf(level));
    const open = [...alerts.open].sort((one, other) => rank(one) - rank(other));
    const loud = new Set(open.map(({ rule }) => rule));
    const silent = alerts.mutes.filter(({ rule }) => !loud.has(rule));
    arrange(this.list, [...open.map((each) => episode(each, page)), ...silent.map((each) => muted(each, page))]);
    this.element.hidden = !open.length && !silent.length;
    this.access.hidden = page.may || this.element.hidden;
    this.#announce(open);
  }

  /** Says what opened and what is over since the last time; nothing at the first. */
  #announce(open) {
    const key = ({ rule, dims, number, level, phase }) => JSON.stringify([rule, dims, number, level, phase]);
    const now = new Map(open.filter(({ phase }) => phase === "firing").map((each) => [key(each), each]));
    const fresh = [...now].filter(([each]) => !this.#known?.has(each)).map(([, each]) => each);
    if (fresh.length) warn(fresh.map((each) => `${STATES[each.level]?.word}: ${subject(each)}, ${each.reason}`).join(". "));
    if (this.#known?.size && !now.size) tell("No alert is open any more.");
    this.#known = now;
  }
}

const subject = ({ metric, window, rule, dims }) =>
  [metric ? title(metric) : title(rule), dims.length ? group(dims) : "", window ? windowTitle(window) : ""].filter(Boolean).join(", ");

function episode(each, page) {
  const state = each.phase === "pending" ? "pending" : each.level;
  const { word, icon: name } = STATES[state] ?? STATES.unknown;
  const zone = page.snapshot.timezone;
  const value = each.value === null || each.value === undefined ? null : h("strong", {}, short(each.value, each.unit));
  const what = h("p", { class: "what" }, h("span", { class: "subject" }, subject(each)), value, h("span", { class: "reason" }, each.reason));
  const facts = [
    each.since && `since ${near(each.since, zone, page.now)}`,
    each.bound !== null && each.bound !== undefined && `bound ${full(each.bound, each.unit)}`,
    each.peak !== null && each.peak !== undefined && each.peak !== each.value && `worst ${short(each.peak, each.unit)}`,
    each.told.length ? `told ${each.told.join(", ")}` : "nobody told",
    each.owner && `owner ${each.owner}`,
    each.acknowledged && `acknowledged ${near(each.acknowledged, zone, page.now)}`,
    each.muted_until && `muted until ${near(each.muted_until, zone, page.now)}`,
  ].filter(Boolean);
  const links = [away(each.run, "Run"), away(each.runbook, "Runbook")];
  const level = h("span", { class: "level" }, icon(name), word);
  const detail = h("p", { class: "facts" }, ...facts.map((text) => h("span", {}, text)), ...links);
  return h("li", { "data-state": state, "data-rule": each.rule }, level, h("div", { class: "said" }, what, detail), actions(each, page));
}

function actions(each, { may }) {
  if (!may) return null;
  const body = { rule: each.rule, dims: each.dims, number: each.number, level: each.level, why: "" };
  const take = each.acknowledged || each.phase === "pending" ? null : button("Acknowledge", "check", () => act("acknowledge", body));
  const quiet = each.muted_until
    ? button("Unmute", "bell", () => act("unmute", { rule: each.rule }))
    : button("Mute", "mute", () => askMute(each.rule));
  return h("div", { class: "actions" }, take, quiet);
}

function muted({ rule, until, why, by }, { may, snapshot, now }) {
  const text = [`muted until ${near(until, snapshot.timezone, now)}`, by && `by ${by}`, why].filter(Boolean);
  const what = h("p", { class: "what" }, h("span", { class: "subject" }, title(rule)));
  const detail = h("p", { class: "facts" }, ...text.map((each) => h("span", {}, each)));
  const unmute = may && h("div", { class: "actions" }, button("Unmute", "bell", () => act("unmute", { rule })));
  const level = h("span", { class: "level" }, icon("mute"), "Muted");
  return h("li", { "data-state": "muted", "data-rule": rule }, level, h("div", { class: "said" }, what, detail), unmute);
}

/** A button that works once at a time, and says what went wrong. */
function button(text, name, action) {
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
  return h("button", { class: "act", onclick: pressed }, icon(name), text);
}
