// The state of a KPI's rules: icon and word; the tile adds border and colour.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { primary } from "./state.js";
import { STATES, windowTitle, worst } from "./words.js";

/**
 * The badge of a KPI's worst state. It names the window where that is not the one shown large, so
 * that nobody holds today's number against a bound of another window.
 */
export function badgeOf({ readings }, snapshot) {
  const state = worst(readings.map((each) => each.state));
  const at = readings.filter((each) => each.state === state).map(({ window }) => window);
  const { window } = primary(snapshot) ?? {};
  const elsewhere = !CALM.has(state) && !at.includes(window);
  return badge(state, elsewhere ? `${windowTitle(at[0])}: ` : "");
}

const CALM = new Set(["none", "ok"]);

/** A badge with its word; null where no rule watches. */
function badge(state, where) {
  if (state === "none") return null;
  const { word, icon: name } = STATES[state] ?? STATES.unknown;
  return h(
    "span",
    { class: "badge", "data-state": state, "data-where": where || null },
    icon(name),
    where + word,
  );
}

/** The icon alone, its word for who listens; null where all is well. */
export function sign(state) {
  if (CALM.has(state)) return null;
  const { word, icon: name } = STATES[state] ?? STATES.unknown;
  const hidden = h("span", { class: "unseen" }, word);
  return h("span", { class: "sign", "data-state": state, title: word }, icon(name), hidden);
}
