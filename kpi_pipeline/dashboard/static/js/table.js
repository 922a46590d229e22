// A grouped KPI: a row a group, and a total that is another tile's number.

import { badgeOf, sign } from "./badge.js";
import { h, keepFocus, mark as set } from "./dom.js";
import { count } from "./format.js";
import { icon } from "./icons.js";
import { ranked, totalOf } from "./groups.js";
import { columns, line } from "./row.js";
import { inOrder, primary } from "./state.js";
import { onWall } from "./wall.js";
import { group as words, title, worst } from "./words.js";

/** So many groups are shown at first; on a wall, whose rows of tiles take the height, for good. */
const few = (rows) => (!onWall ? 8 : rows > 2 ? 3 : 6);

/** A card with the table of one grouped KPI. */
export class GroupTable {
  #all = false;
  #last = null;

  /**
   * @param {string} metric
   * @param {(metric: string, window: string, dims?: (string | null)[]) => void} explain
   */
  constructor(metric, explain) {
    this.explain = (window, dims) => explain(metric, window, dims);
    this.head = h("header", {});
    this.body = h("div", {
      class: "scroll",
      tabindex: 0,
      role: "region",
      "aria-label": title(metric),
    });
    this.more = h("button", { class: "more", onclick: () => this.#toggle() });
    this.element = h(
      "article",
      { class: "groups", "data-metric": metric },
      this.head,
      this.body,
      this.more,
    );
  }

  #toggle() {
    this.#all = !this.#all;
    this.update(...this.#last);
  }

  /**
   * @param {object} kpi
   * @param {object} snapshot
   * @param {number} above how many rows of tiles there are
   */
  update(kpi, snapshot, above) {
    this.#last = [kpi, snapshot, above];
    const main = primary(snapshot);
    const rows = ranked(kpi, main.window);
    const total = totalOf(kpi, snapshot, rows, main.window);
    const most = few(above);
    const shown = this.#all ? rows : rows.slice(0, most);
    const state = worst(kpi.readings.map((reading) => reading.state));
    set(this.element, "data-state", state);
    const by = h(
      "span",
      { class: "by" },
      `by ${kpi.group_by.map((name) => name.replaceAll("_", " ")).join(", ")}`,
    );
    const part =
      onWall && rows.length > most ? `, the largest ${most} of ${count(rows.length)}` : "";
    by.append(part);
    const mark = kpi.exact ? null : h("span", { class: "precision" }, "approximate");
    const name = h("h2", { title: kpi.description || null }, title(kpi.metric), " ", by);
    this.head.replaceChildren(...[name, mark, badgeOf(kpi, snapshot)].filter(Boolean));
    const content = rows.length
      ? this.#table(kpi, snapshot, shown, total)
      : h("p", { class: "nothing" }, "No rows yet");
    keepFocus(this.body, () => this.body.replaceChildren(content));
    this.more.hidden = rows.length <= most;
    this.more.textContent = this.#all ? `Show the first ${most}` : `Show all ${count(rows.length)}`;
  }

  #table(kpi, snapshot, rows, total) {
    const main = primary(snapshot);
    const others = inOrder(snapshot).slice(1);
    const heads = columns(kpi, main, others, total);
    const head = h(
      "tr",
      {},
      ...heads.map(([text, kind]) =>
        h("th", { scope: "col", class: kind }, h("span", { class: "part" }, text)),
      ),
    );
    const body = rows.map((row) => {
      const open = () => this.explain(main.window, row.dims);
      const state = worst([...row.readings.values()].map((reading) => reading.state));
      const name = h(
        "button",
        {
          class: "name",
          onclick: open,
          "aria-haspopup": "dialog",
          "data-focus": JSON.stringify([kpi.metric, row.dims]),
        },
        words(row.dims),
        icon("right"),
      );
      return line([name, sign(state)], row.readings, kpi, main, others, total);
    });
    const foot =
      total &&
      h(
        "tfoot",
        {},
        line(
          ["Total", h("span", { class: "equals" }, ` = ${title(total.kpi.metric)}`)],
          total.readings,
          total.kpi,
          main,
          others,
          total,
        ),
      );
    return h("table", {}, h("thead", {}, head), h("tbody", {}, ...body), foot);
  }
}
