// What is behind a number: its meaning, its bounds in business time, its SQL, its rows.

import { ask } from "./api.js";
import { compared } from "./change.js";
import { facts, open } from "./dialog.js";
import { h } from "./dom.js";
import { count, error, full, told } from "./format.js";
import { leaf } from "./leaf.js";
import { exact, span } from "./moment.js";
import { inOrder, readingsOf } from "./state.js";
import { group as words, title, windowTitle } from "./words.js";

/** How an address spells a group's missing value. */
const MISSING = "\\N";

/**
 * Opens the explanation of one number.
 * @param {import("./state.js").Known} known
 * @param {string} metric
 * @param {string} window
 * @param {(string | null)[]} [dims]
 */
export function explain(known, metric, window, dims = []) {
  const { snapshot } = known;
  const kpi = snapshot.kpis.find((each) => each.metric === metric);
  const body = h("div", { class: "explained", "aria-busy": "true" });
  const show = (chosen) => fill(body, kpi, chosen, dims, known);
  const heading = dims.length ? `${title(metric)}: ${words(dims)}` : title(metric);
  open(heading, windows(snapshot, window, show), body);
  show(window);
}

/** The choice of a window. */
function windows(snapshot, chosen, show) {
  const choices = inOrder(snapshot).map(({ window, text }) => {
    const input = h("input", {
      type: "radio",
      name: "window",
      value: window,
      checked: window === chosen,
      onchange: () => show(window),
    });
    return h("label", { title: text }, input, h("span", {}, windowTitle(window)));
  });
  return h("fieldset", { class: "choice" }, h("legend", { class: "unseen" }, "Window"), ...choices);
}

async function fill(body, kpi, window, dims, known) {
  body.dataset.window = window;
  try {
    const path = `/api/v1/kpis/${encodeURIComponent(kpi.metric)}/explain`;
    const found = await ask(path, { window, group: dims.map((value) => value ?? MISSING) });
    if (body.dataset.window !== window) return; // another window was chosen meanwhile
    body.replaceChildren(...explained(found, kpi, window, dims, known));
  } catch (problem) {
    body.replaceChildren(h("p", { class: "failure", role: "alert" }, problem.message));
  }
  body.removeAttribute("aria-busy");
}

function explained(found, kpi, window, dims, known) {
  const zone = found.timezone;
  const key = JSON.stringify(dims);
  const reading = found.readings.find(
    (each) => each.window === window && JSON.stringify(each.dims) === key,
  );
  const value = reading?.value ?? null;
  const large = h(
    "p",
    { class: "value" },
    h("span", { title: full(value, kpi.unit) }, told(value, kpi.unit)),
    !kpi.exact && h("small", {}, ` ≈ ${error(kpi.relative_error)}`),
  );
  const list = facts([
    ["Meaning", found.definition],
    ["Only where", found.filter && h("code", {}, found.filter)],
    ["What it is", kpi.description],
    ["Spans", `${span(found.span.start, found.span.end, zone)}, ${zone}`],
    ["Rows", Number.isFinite(reading?.n) && count(reading.n)],
    ["Data through", found.watermark && exact(found.watermark, zone)],
    ["Computed", exact(found.computed_at, zone)],
    ["Guarantee", found.guarantee],
    ["Thresholds", thresholds(kpi)],
  ]);
  const notes = found.notes.map((note) => h("p", { class: "note" }, note));
  const leaves = found.leaves.map((each) => leaf(each, found, rowsOf(each, dims, found, known)));
  const change = reading && compared(reading, kpi.unit);
  return [large, change, list, ...notes, ...leaves].filter(Boolean);
}

/** How many rows a statement reads; null where that is of another interval than any reading. */
function rowsOf({ metric, span: own }, dims, found, { snapshot }) {
  const { window, span: whole } = found;
  if (own.start !== whole.start || own.end !== whole.end) return null;
  const kpi =
    metric === found.metric ? found : snapshot.kpis.find((each) => each.metric === metric);
  return (kpi && readingsOf(kpi, dims).get(window)?.n) ?? null;
}

const BOUNDS = [
  ["critical_below", "critical below"],
  ["warn_below", "warning below"],
  ["warn_above", "warning above"],
  ["critical_above", "critical above"],
];

function thresholds({ bounds, unit }) {
  if (!bounds.length) return null;
  const lines = bounds.map((bound) => {
    const said = BOUNDS.filter(([key]) => bound[key] !== null && bound[key] !== undefined);
    const values = said.map(
      ([key, text]) => `${text} ${full(bound[key], bound.against === "value" ? unit : "%")}`,
    );
    const of = bound.against === "value" ? "" : " (change)";
    return h("li", {}, `${bound.rule}, ${windowTitle(bound.window)}${of}: ${values.join(", ")}`);
  });
  return h("ul", { class: "plain" }, ...lines);
}
