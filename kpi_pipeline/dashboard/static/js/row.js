// The columns of a grouped KPI's table, and one of its lines.

import { mark } from "./change.js";
import { h } from "./dom.js";
import { NOTHING, full, share, short } from "./format.js";
import { before, title, windowTitle } from "./words.js";

/** A column has room, and $989,526.94 above $1.19M is hard to compare: up to here all digits stand. */
const LARGE = 1e9;

/** Headings, with the class of their cells. */
export function columns(kpi, main, others, total) {
  const compare = main.offset;
  return [
    [kpi.group_by.map(title).join(" · "), "group"],
    [windowTitle(main.window), ""],
    ...(total ? [["Share", "share"]] : []),
    ...(compare
      ? [
          [title(before(compare.text)), "wide"],
          ["Change", "apart"],
        ]
      : []),
    ...others.map(({ window }) => [windowTitle(window), "wide"]),
  ];
}

/**
 * @param {(Node | string)[]} name
 * @param {Map<string, object>} readings by window
 */
export function line(name, readings, kpi, main, others, total) {
  const reading = readings.get(main.window);
  const cell = (each, kind, beneath) =>
    h(
      "td",
      { class: kind, title: each ? full(each.value, kpi.unit) : null },
      each?.building ? "building" : short(each?.value ?? null, kpi.unit, LARGE),
      beneath,
    );
  const change = reading?.compare?.delta_pct;
  return h(
    "tr",
    {},
    h("th", { scope: "row", class: "group" }, ...name),
    cell(reading, "main", main.offset && h("div", { class: "beneath" }, mark(change))),
    total && portion(reading?.value ?? null, total.value),
    main.offset && cell(reading && { value: reading.compare?.value ?? null }, "wide"),
    main.offset && h("td", { class: "apart" }, mark(change)),
    ...others.map(({ window }) => cell(readings.get(window), "wide")),
  );
}

function portion(value, total) {
  const text = value === null ? NOTHING : share(value, total);
  const bar = h("span", { class: "bar" });
  const part = Number(value) / Number(total);
  bar.style.inlineSize = `${Number.isFinite(part) ? Math.min(100, Math.max(0, part * 100)) : 0}%`;
  return h(
    "td",
    { class: "share" },
    h("span", { class: "part" }, text),
    h("span", { class: "track" }, bar),
  );
}
