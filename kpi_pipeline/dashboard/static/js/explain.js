// What is behind a number: its meaning, its bounds in business time, its SQL, its rows.

import { ask } from "./api.js";
import { compared } from "./change.js";
import { facts, open } from "./dialog.js";
import { h } from "./dom.js";
import { error, full } from "./format.js";
import { leaf } from "./leaf.js";
import { clock, full as moment, span } from "./moment.js";
import { inOrder } from "./state.js";
import { group as words, title, windowTitle } from "./words.js";

/** How an address spells a group's missing value. */
const MISSING = "(null)";

/**
 * Opens the explanation of one number.
 * @param {object} snapshot
 * @param {string} metric
 * @param {string} window
 * @param {(string | null)[]} [dims]
 */
export function explain(snapshot, metric, window, dims = []) {
  const kpi = snapshot.kpis.find((each) => each.metric === metric);
  const body = h("div", { class: "explained", "aria-busy": "true" });
  const show = (chosen) => fill(body, kpi, chosen, dims);
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

async function fill(body, kpi, window, dims) {
  body.dataset.window = window;
  try {
    const path = `/api/v1/kpis/${encodeURIComponent(kpi.metric)}/explain`;
    const found = await ask(path, { window, group: dims.map((value) => value ?? MISSING) });
    if (body.dataset.window !== window) return; // another window was chosen meanwhile
    body.replaceChildren(...explained(found, kpi, window, dims));
  } catch (problem) {
    body.replaceChildren(h("p", { class: "failure", role: "alert" }, problem.message));
  }
  body.removeAttribute("aria-busy");
}

function explained(found, kpi, window, dims) {
  const zone = found.timezone;
  const key = JSON.stringify(dims);
  const reading = found.readings.find(
    (each) => each.window === window && JSON.stringify(each.dims) === key,
  );
  const value = h(
    "p",
    { class: "value" },
    full(reading?.value ?? null, kpi.unit),
    !kpi.exact && h("small", {}, ` ≈ ${error(kpi.relative_error)}`),
  );
  const list = facts([
    ["Meaning", found.definition],
    ["Only where", found.filter && h("code", {}, found.filter)],
    ["What it is", kpi.description],
    ["Spans", `${span(found.span.start, found.span.end, zone)}, ${zone}`],
    [
      "Rows",
      reading?.n === undefined || reading?.n === null
        ? null
        : new Intl.NumberFormat().format(reading.n),
    ],
    ["Data through", found.watermark && moment(found.watermark, zone)],
    ["Read as of", clock(found.as_of, zone)],
    ["Computed", clock(found.computed_at, zone)],
    ["Guarantee", found.guarantee],
    ["Thresholds", thresholds(kpi)],
  ]);
  const notes = found.notes.map((note) => h("p", { class: "note" }, note));
  const leaves = found.leaves.map((each) => leaf(each, found));
  return [value, reading ? compared(reading, kpi.unit) : null, list, ...notes, ...leaves].filter(
    Boolean,
  );
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
    return h(
      "li",
      {},
      `${title(bound.rule)}, ${windowTitle(bound.window)}${of}: ${values.join(", ")}`,
    );
  });
  return h("ul", { class: "plain" }, ...lines);
}
