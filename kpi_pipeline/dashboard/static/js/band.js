// The threshold band of a chart: where values would be a warning, and where critical.

import { h } from "./dom.js";
import { terse } from "./format.js";

const LEVELS = [
  ["warn_below", "warn", -1],
  ["critical_below", "critical", -1],
  ["warn_above", "warn", 1],
  ["critical_above", "critical", 1],
];
const WORDS = { warn: "warning", critical: "critical" };
const HOURLY = 2 * 3_600_000;

/**
 * The bounds that an hour's value can be held against: those of windows of about an hour, and any
 * of a ratio, whose value does not grow with its window. A bound on a year's sum says nothing here.
 * @param {object} kpi
 * @returns {{value: number, level: "warn" | "critical", side: -1 | 1}[]}
 */
export function limits(kpi) {
  const spans = new Map(kpi.readings.map((each) => [each.window, each]));
  const fits = ({ window, against }) => {
    const { start, end } = spans.get(window) ?? {};
    const short = start && Date.parse(end) - Date.parse(start) <= HOURLY;
    return against === "value" && (short || kpi.type === "ratio");
  };
  return kpi.bounds
    .filter(fits)
    .flatMap((bound) =>
      LEVELS.filter(([key]) => bound[key] !== null && bound[key] !== undefined).map(
        ([key, level, side]) => ({ value: Number(bound[key]), level, side }),
      ),
    );
}

/**
 * Those that the scale makes room for: one that is far away would flatten the lines, and is said in words.
 * @param {{value: number}[]} bounds
 * @param {number} low of the lines
 * @param {number} high
 * @returns {number[]}
 */
export function within(bounds, low, high) {
  const reach = 2 * (high - low || Math.abs(high) || Infinity);
  const values = bounds.map(({ value }) => value);
  return values.filter((value) => !(value > high + reach || value < low - reach));
}

/** What they are, in words: "warning below $30". @returns {HTMLElement[]} */
export function legend(bounds, unit) {
  const lines = bounds.map(({ value, level, side }) => [
    level,
    `${WORDS[level]} ${side < 0 ? "below" : "above"} ${terse(String(value), unit)}`,
  ]);
  const once = new Map(lines.map(([level, text]) => [text, level]));
  return [...once].map(([text, level]) => h("span", { "data-state": level }, text));
}

/**
 * Draws them below the lines: a tint from the bound outwards, and a thin line on it.
 * @param {import("../vendor/uPlot.esm.js").default} plot
 * @param {ReturnType<typeof limits>} bounds
 * @param {(name: string) => string} colour
 */
export function drawBand(plot, bounds, colour) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const bound of bounds) {
    const y = plot.valToPos(bound.value, "y", true);
    const edge = bound.side < 0 ? bbox.top + bbox.height : bbox.top;
    ctx.fillStyle = ctx.strokeStyle = colour(`--${bound.level}`);
    ctx.globalAlpha = 0.12;
    ctx.fillRect(bbox.left, Math.min(y, edge), bbox.width, Math.abs(edge - y));
    ctx.globalAlpha = 0.7;
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeRect(bbox.left - 4, y, bbox.width + 8, 0);
  }
  ctx.restore();
}
