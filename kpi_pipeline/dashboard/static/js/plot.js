// A day of hours as uPlot draws it: last week dashed, today filled, the hour that runs a ring.

import uPlot from "../vendor/uPlot.esm.js";
import { drawBand, within } from "./band.js";
import { terse } from "./format.js";
import { colour } from "./theme.js";

/** How much larger than usual type is: a canvas knows no rem. */
const scale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** Lower than this, axes would take the room of what they measure. */
const SLIM = 84;

const axis = () => ({
  stroke: () => colour("--muted"),
  font: `${11 * scale()}px "Inter Variable", system-ui, sans-serif`,
  ticks: { show: false },
  gap: 6,
});

/**
 * @typedef {object} Lines
 * @property {number[]} at starts of the hours, in seconds
 * @property {(number | null)[]} before
 * @property {(number | null)[]} today hours that are over
 * @property {(number | null)[]} running the last of them and the one that is not
 */

/**
 * @param {HTMLElement} parent
 * @param {Lines} lines
 * @param {{zone: string, unit: string | null, floor: boolean, limits: object[]}} how
 * @param {(at: number | null) => void} hover
 */
export function plot(parent, lines, how, hover) {
  const slim = parent.clientHeight < SLIM * scale();
  const options = {
    ...size(parent),
    padding: slim ? [6, 6, 6, 6] : [8, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), how.zone),
    scales: { y: { range: (_, low, high) => range(low, high, how) } },
    axes: slim ? [{ show: false }, { show: false }] : [hours(how.zone), amounts(how.unit)],
    series: [{}, beforeLine(), todayLine(how.floor), runningLine(how.floor)],
    hooks: {
      drawClear: [(self) => drawBand(self, how.limits, colour)],
      setCursor: [(self) => hover(self.cursor.idx ?? null)],
    },
  };
  return new uPlot(options, [lines.at, lines.before, lines.today, lines.running], parent);
}

/** The room that there is for a chart. */
export const size = (parent) => ({
  width: Math.max(120, parent.clientWidth),
  height: Math.max(32, parent.clientHeight),
});

function range(low, high, { floor, limits }) {
  const values = [low, high, ...within(limits, low, high)].filter(Number.isFinite);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (!values.some(Boolean)) return [0, 1];
  const room = (most - least || Math.abs(most) || 1) * 0.12;
  const below = floor ? 0 : Math.max(0, least - room); // no axis goes below nought for room alone
  return [
    least >= 0 ? below : least - room,
    floor && most <= 0 && least < 0 ? 0 : most + room,
  ];
}

function hours(zone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  });
  return {
    ...axis(),
    size: 24 * scale(),
    space: 44 * scale(),
    grid: { show: false },
    incrs: [10_800, 21_600, 43_200, 86_400],
    values: (_, splits) => splits.map((at) => format.format(new Date(at * 1000))),
  };
}

const amounts = (unit) => ({
  ...axis(),
  size: (self, values) =>
    12 + 6.4 * scale() * Math.max(0, ...(values ?? []).map((text) => text.length)),
  space: 34 * scale(),
  grid: { stroke: () => colour("--hairline"), width: 1 },
  values: (_, splits) => round(splits, unit),
});

/** Round numbers of an axis, all of them shortened or none: no nought at the end, no unit that is a word. */
function round(values, unit) {
  const large = values.some((value) => Math.abs(value) >= 10_000) ? 1_000 : undefined;
  const money = unit?.length === 3 ? unit : null;
  return values.map((value) =>
    terse(String(value), money, large).replace(/([.,]\d)0(?=[KMBT])/, "$1"),
  );
}

const beforeLine = () => ({
  stroke: () => colour("--muted"),
  width: 1.25 * scale(),
  dash: [3, 4],
  points: { show: false },
});

/** Filled where the axis begins at nought: a fill from elsewhere says nothing. */
const todayLine = (filled) => ({
  stroke: () => colour("--accent"),
  width: 2.25 * scale(),
  fill: filled ? () => colour("--accent-tint") : undefined,
  points: { show: (self, at) => self.data[at].filter((value) => value !== null).length === 1 },
});

/** A sum of part of an hour grows still: a line down to it would tell of a fall that there is not. */
const runningLine = (grows) => ({
  paths: grows ? () => null : undefined,
  stroke: () => colour("--accent"),
  width: 1.75 * scale(),
  dash: [1, 4],
  cap: "round",
  points: {
    show: true,
    size: 7 * scale(),
    width: 1.75 * scale(),
    fill: () => colour("--card"),
    filter: (self, at) => [self.data[at].findLastIndex((value) => value !== null)],
  },
});
