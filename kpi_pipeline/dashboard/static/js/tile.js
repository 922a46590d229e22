// One KPI: its value today, how that compares, its chart, its other windows, its state.

import { badgeOf, sign } from "./badge.js";
import { compared, mark } from "./change.js";
import { arrange, h, mark as set, say } from "./dom.js";
import { NOTHING, apart, error, full, short } from "./format.js";
import { minute } from "./moment.js";
import { inOrder, primary, readingsOf } from "./state.js";
import { title, windowTitle, worst } from "./words.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** A tile that is built once and updated with each snapshot. */
export class Tile {
  /**
   * @param {string} metric
   * @param {(metric: string, window: string) => void} explain opens the explanation
   */
  constructor(metric, explain) {
    this.window = null;
    this.open = () => explain(metric, this.window);
    this.name = h(
      "button",
      { class: "name", onclick: this.open, "aria-haspopup": "dialog" },
      title(metric),
    );
    this.head = h("div", { class: "head" });
    this.number = h("span", { class: "number" });
    this.unit = h("span", { class: "unit" });
    this.under = h("div", { class: "under" });
    this.figure = h("figure", { class: "chart", "aria-label": `${title(metric)} by hour` });
    this.others = h("dl", { class: "windows" });
    const value = h("p", { class: "value" }, this.number, this.unit);
    const name = h("h2", {}, this.name);
    this.element = h(
      "article",
      { class: "tile", "data-metric": metric },
      h("header", {}, name, this.head),
      value,
      this.under,
      this.figure,
      this.others,
    );
  }

  /**
   * @param {object} kpi of the snapshot
   * @param {object} snapshot
   */
  update(kpi, snapshot) {
    const { window } = primary(snapshot);
    const readings = readingsOf(kpi);
    const reading = readings.get(window);
    this.window = window;
    const state = worst(kpi.readings.map((each) => each.state));
    set(this.element, "data-state", state);
    this.name.title = kpi.description || kpi.metric;
    this.head.replaceChildren(...[precision(kpi), badgeOf(kpi, snapshot)].filter(Boolean));
    this.#value(reading, kpi);
    const under = lacking(reading, kpi, snapshot) ?? compared(reading, kpi.unit);
    this.under.replaceChildren(...(under ? [under] : []));
    const others = inOrder(snapshot).slice(1);
    arrange(
      this.others,
      others.map((each) => other(each, readings.get(each.window), kpi, snapshot)),
    );
  }

  #value(reading, kpi) {
    const value = reading?.value ?? null;
    const { number, unit } = apart(value, kpi.unit);
    const moved = this.number.textContent !== "" && this.number.textContent !== number;
    say(this.number, value === null ? NOTHING : kpi.exact ? number : `≈ ${number}`);
    this.number.classList.toggle("nothing", value === null);
    say(this.unit, unit);
    this.number.title = full(value, kpi.unit);
    if (moved && !still.matches) this.number.animate([{ opacity: 0.55 }, { opacity: 1 }], 450);
  }
}

/** Whether the number is exact, or by how much it may be off. */
function precision(kpi) {
  if (kpi.exact) return h("span", { class: "precision", title: "Counted exactly" }, "exact");
  const text = error(kpi.relative_error) || "approximate";
  return h("span", { class: "precision", title: "Approximate, within this error" }, text);
}

/** Why there is no number, or that it is being computed again; null if neither. */
function lacking(reading, kpi, snapshot) {
  if (reading?.building) return progress(kpi.building_percent ?? 0);
  if (!reading || reading.value === null)
    return h("p", { class: "compared" }, none(reading, snapshot));
  if (reading.refolding) return h("p", { class: "compared" }, "Being computed again");
  return null;
}

function none(reading, { timezone }) {
  return reading?.start ? `No rows since ${minute(reading.start, timezone)}` : "No rows yet";
}

function progress(percent) {
  const bar = h("progress", { max: 100, value: percent, "aria-label": "History filled" });
  return h("p", { class: "compared building" }, `Building ${percent} %`, bar);
}

/** One line of the windows below the chart. */
function other({ window, text }, reading, kpi, snapshot) {
  const name = h("dt", { title: text }, windowTitle(window), reading && sign(reading.state));
  if (!reading) return h("div", {}, name, h("dd", {}, NOTHING));
  if (reading.building) {
    return h("div", {}, name, h("dd", {}, `building ${kpi.building_percent ?? 0} %`));
  }
  const approximate = kpi.exact || reading.value === null ? "" : "≈ ";
  const value = h(
    "span",
    { title: full(reading.value, kpi.unit) },
    approximate + short(reading.value, kpi.unit),
  );
  return h(
    "div",
    { "data-state": reading.state },
    name,
    h("dd", {}, reading.compare?.delta_pct && mark(reading.compare.delta_pct), value),
  );
}
