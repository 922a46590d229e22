// A tile's chart and the table that says the same; the caption reads the hour under the pointer.

import { legend, limits } from "./band.js";
import { h, mark, say } from "./dom.js";
import { NOTHING, short } from "./format.js";
import { icon } from "./icons.js";
import { linesOf } from "./lines.js";
import { minute } from "./moment.js";
import { onChange } from "./theme.js";
import { before, title } from "./words.js";

/** A chart that waits, empty, for its first series. */
export class Chart {
  #plot = null;
  #drawn = null;
  #size = null;

  /**
   * @param {string} name of what is drawn
   * @param {() => void} open what a click on it does
   * @param {HTMLElement} figure where it is put
   */
  constructor(name, open, figure) {
    this.name = name;
    this.area = h("div", {
      class: "plot",
      role: "img",
      "aria-label": `${name}, chart`,
      onclick: open,
    });
    this.table = h("div", {
      class: "numbers",
      hidden: true,
      tabindex: 0,
      role: "region",
      "aria-label": `${name} by hour`,
    });
    this.now = h("span", { class: "key today" }, "Today");
    this.then = h("span", { class: "key before", hidden: true });
    this.running = h("span", { class: "key running", hidden: true }, "So far");
    this.hour = h("span", { class: "hour" });
    this.toggle = h("button", {
      class: "toggle",
      "aria-pressed": "false",
      onclick: () => this.#turn(),
    });
    this.#label();
    const lines = [this.hour, this.now, this.then, this.running];
    const keys = h("span", { class: "keys", "aria-hidden": "true" }, ...lines);
    const caption = h("figcaption", {}, keys, this.toggle);
    this.limits = h("p", { class: "limits", hidden: true });
    figure.append(caption, this.area, this.table, this.limits);
    new ResizeObserver(() => this.#plot?.setSize(this.#size(this.area))).observe(this.area);
    onChange(() => this.#plot?.redraw(false));
  }

  /**
   * @param {object} series as in docs/api.md
   * @param {object} kpi
   * @param {object} snapshot
   * @param {string} offset what it is compared with, such as "7 days"; empty without
   */
  async draw(series, kpi, snapshot, offset) {
    const { plot, size } = await import("./plot.js"); // large, and numbers come first
    const lines = linesOf(series, Date.parse(snapshot.as_of));
    this.#drawn = { lines, series, zone: snapshot.timezone, unit: kpi.unit, offset };
    this.#read(null);
    this.#describe();
    if (!this.table.hidden) this.#fill();
    const how = {
      zone: snapshot.timezone,
      unit: kpi.unit,
      floor: kpi.type !== "ratio",
      limits: limits(kpi),
    };
    this.limits.replaceChildren(...legend(how.limits, kpi.unit));
    this.limits.hidden = !how.limits.length;
    this.#size = size;
    this.#plot?.destroy();
    const empty = [...lines.today, ...lines.before, ...lines.running].every(
      (value) => value === null,
    );
    mark(this.area, "data-empty", empty ? "No rows to draw yet" : null);
    this.#plot = plot(this.area, lines, how, (at) => this.#read(at));
  }

  /** Says why nothing is drawn; a chart that was drawn stays. @param {string} why */
  fail(why) {
    if (!this.#plot) mark(this.area, "data-empty", why);
  }

  /** The caption: which line is which, or what they say at an hour. */
  #read(at) {
    const { lines, zone, unit, offset } = this.#drawn;
    const hour = at === null ? "" : minute(lines.at[at] * 1000, zone);
    say(this.hour, hour);
    const today = at === null ? null : (lines.today[at] ?? lines.running[at]);
    say(this.now, at === null ? "Today" : shown(today, unit));
    say(this.then, at === null ? title(before(offset)) : shown(lines.before[at], unit));
    this.then.hidden = !offset;
    this.running.hidden = at !== null || !lines.running.some((value) => value !== null);
  }

  #describe() {
    const { lines, unit, zone } = this.#drawn;
    const last = lines.today.findLastIndex((value) => value !== null);
    const text =
      last < 0
        ? "no hour is over yet"
        : `${shown(lines.today[last], unit)} at ${minute(lines.at[last] * 1000, zone)}`;
    this.area.setAttribute(
      "aria-label",
      `${this.name} by hour today; ${text}. The button before it shows a table.`,
    );
  }

  #turn() {
    this.table.hidden = !this.table.hidden;
    this.area.hidden = !this.table.hidden;
    if (this.#drawn && !this.table.hidden) this.#fill();
    this.#label();
  }

  #label() {
    const table = this.table.hidden;
    this.toggle.setAttribute("aria-pressed", String(!table));
    this.toggle.replaceChildren(
      icon(table ? "table" : "chart"),
      h("span", { class: "unseen" }, `${this.name} as a table`),
    );
  }

  #fill() {
    const { lines, zone, unit, offset } = this.#drawn;
    const heads = ["Hour", "Today", ...(offset ? [title(before(offset))] : [])];
    const rows = lines.at.map((at, n) => {
      const cells = [lines.today[n] ?? lines.running[n], ...(offset ? [lines.before[n]] : [])];
      const hour = h("th", { scope: "row" }, minute(at * 1000, zone));
      return h("tr", {}, hour, ...cells.map((value) => h("td", {}, shown(value, unit))));
    });
    const head = h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)));
    this.table.replaceChildren(h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
  }
}

const shown = (value, unit) =>
  value === null || value === undefined ? NOTHING : short(String(value), unit);
