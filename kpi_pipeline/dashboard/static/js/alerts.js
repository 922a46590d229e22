// The alert strip: a line per open episode, what people can do about it, and rules that are mute.

import { signIn } from "./api.js";
import { tell, warn } from "./announce.js";
import { h, keepFocus } from "./dom.js";
import { episode, muted, rowOf, subject } from "./episode.js";
import { icon } from "./icons.js";
import { day } from "./moment.js";
import { onWall } from "./wall.js";
import { STATES } from "./words.js";

const RANK = ["critical", "warn", "none"];

const rank = ({ phase, level, acknowledged, muted_until: mute }) =>
  phase === "pending" ? 9 : RANK.indexOf(level) + (acknowledged || mute ? 4 : 0);

/** So many lines has a wall room for. */
const WALL = 3;

/** The strip; it is gone where there is nothing to say. */
export class Alerts {
  #known = null;
  #order = [];
  #shown = "";

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.list = h("ul", {});
    this.access = h(
      "p",
      { class: "access", hidden: true },
      icon("bell"),
      h("a", { href: signIn }, "Sign in"),
      " to acknowledge and mute",
    );
    element.append(this.access, this.list);
  }

  /**
   * @param {{alerts: object | null, snapshot: object | null, status: object | null}} known
   * @param {number} now the server's time
   */
  update({ alerts, snapshot, status }, now) {
    if (!alerts || !snapshot) return;
    const page = { snapshot, now, may: Boolean(status?.may_act), mutes: alerts.mutes };
    const open = this.#ordered(alerts.open);
    this.#render(open, alerts.mutes, page);
    this.access.hidden = page.may || this.element.hidden;
    this.#announce(open);
  }

  /** The worst first; but nothing moves from under a pointer, which is about to act on it. */
  #ordered(open) {
    const held = this.list.matches(":hover, :focus-within") ? this.#order : [];
    const place = (each) => (held.indexOf(rowOf(each)) + 1 || held.length + 1);
    const sorted = [...open].sort(
      (one, other) => place(one) - place(other) || rank(one) - rank(other),
    );
    this.#order = sorted.map(rowOf);
    return sorted;
  }

  #render(open, mutes, page) {
    const today = day(page.now, page.snapshot.timezone);
    const shown = JSON.stringify([open, mutes, page.may, today]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const loud = new Set(open.map(({ rule }) => rule));
    const silent = mutes.filter(({ rule }) => !loud.has(rule));
    const seen = onWall ? open.slice(0, WALL) : open;
    const lines = [
      ...seen.map((each) => episode(each, page)),
      ...silent.map((each) => muted(each, page)),
    ];
    const more = open.length - seen.length;
    if (more) lines[WALL - 1].append(h("span", { class: "rest" }, `+${more} more`));
    keepFocus(this.list, () => this.list.replaceChildren(...lines));
    this.element.hidden = !lines.length;
  }

  /** Says what opened and what is over since the last time; nothing at the first. */
  #announce(open) {
    const key = ({ rule, dims, number, level, phase }) =>
      JSON.stringify([rule, dims, number, level, phase]);
    const now = new Map(
      open.filter(({ phase }) => phase === "firing").map((each) => [key(each), each]),
    );
    const fresh = [...now].filter(([each]) => !this.#known?.has(each)).map(([, each]) => each);
    if (fresh.length)
      warn(
        fresh
          .map(
            (each) =>
              `${STATES[each.level]?.word}: ${each.rule}, ${subject(each) || "pipeline"}, ${each.reason}`,
          )
          .join(". "),
      );
    if (this.#known?.size && !now.size) tell("No alert is open any more.");
    this.#known = now;
  }
}
