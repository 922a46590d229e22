// The state of a KPI's rules: icon and word; the tile adds border and colour.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { STATES } from "./words.js";

/** A badge with its word; null where no rule watches. */
export function badge(state) {
  if (state === "none") return null;
  const { word, icon: name } = STATES[state] ?? STATES.unknown;
  return h("span", { class: "badge", "data-state": state }, icon(name), word);
}

/** The icon alone, its word for who listens; null where all is well. */
export function sign(state) {
  if (state === "none" || state === "ok") return null;
  const { word, icon: name } = STATES[state] ?? STATES.unknown;
  const hidden = h("span", { class: "unseen" }, word);
  return h("span", { class: "sign", "data-state": state, title: word }, icon(name), hidden);
}
