// A comparison: an arrow, a sign and a colour that say the same, and what it is compared with.

import { h } from "./dom.js";
import { change, full, short } from "./format.js";
import { icon } from "./icons.js";
import { against, before } from "./words.js";

const SPOKEN = { up: "up", down: "down", flat: "unchanged", none: "" };

/**
 * The mark alone: "▲ +7.2 %".
 * @param {string | null | undefined} percent
 * @returns {HTMLElement}
 */
export function mark(percent) {
  const { direction, text, full: exact } = change(percent);
  return h(
    "span",
    { class: `change ${direction}`, title: exact || null },
    direction === "none" ? null : icon(direction),
    SPOKEN[direction] && h("span", { class: "unseen" }, `${SPOKEN[direction]} `),
    text,
  );
}

/**
 * The mark and its words; says so where there is nothing to compare with.
 * @param {object} reading of the snapshot
 * @param {string | null} unit
 * @returns {HTMLElement | null}
 */
export function compared({ compare }, unit) {
  if (!compare) return null;
  if (compare.delta_pct === null || compare.delta_pct === undefined) {
    const text = `Nothing to compare with ${before(compare.offset)}`;
    return h("p", { class: "compared" }, compare.value === null ? text : was(compare, unit));
  }
  return h("p", { class: "compared" }, mark(compare.delta_pct), was(compare, unit));
}

function was({ value, offset }, unit) {
  const exact = `${full(value, unit)} ${against(offset)}`;
  return h("span", { title: exact }, `vs ${short(value, unit)} ${before(offset)}`);
}
