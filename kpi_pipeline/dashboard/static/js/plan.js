// Which KPIs the page shows and in how many columns: all of them at a desk, what fits on a wall. Pure.

import { title, worst } from "./words.js";

/** So many a screen of 16:9 holds without scrolling: three rows of six, and a row of tables. */
const ROOM = { tiles: 18, tables: 3 };
const URGENT = ["critical", "warn"];

/**
 * @typedef {object} Plan
 * @property {object[]} single KPIs that are tiles
 * @property {object[]} grouped KPIs that are tables
 * @property {number} columns
 * @property {number} rows
 * @property {string} text what is not shown, and how one chooses; empty where nothing is missing
 */

/**
 * @param {object[]} kpis of the snapshot
 * @param {string | null} asked names with commas between them, as the address has them; null for all
 * @param {boolean} wall whether nobody can scroll
 * @returns {Plan}
 */
export function plan(kpis, asked, wall) {
  const names = asked?.split(",").filter(Boolean);
  const chosen = names ? kpis.filter(({ metric }) => names.includes(metric)) : kpis;
  const all = [
    chosen.filter(({ group_by: by }) => !by.length),
    chosen.filter(({ group_by: by }) => by.length),
  ];
  const [single, grouped] = wall
    ? [fitting(all[0], ROOM.tiles), fitting(all[1], ROOM.tables)]
    : all;
  const shown = new Set([...single, ...grouped]);
  const missing = chosen.filter((kpi) => !shown.has(kpi));
  const columns = wall ? onWall(single.length) : atDesk(single.length);
  const text = [unknown(names, kpis), part(names, shown.size, kpis.length), left(missing, kpis)];
  const rows = Math.ceil(single.length / columns);
  return { single, grouped, columns, rows, text: text.filter(Boolean).join(" ") };
}

const calls = ({ readings }) => URGENT.includes(worst(readings.map(({ state }) => state)));

/** In the declared order; what is past a bound is the last to be left out. */
function fitting(kpis, room) {
  const kept = new Set([...kpis].sort((one, other) => calls(other) - calls(one)).slice(0, room));
  return kpis.filter((kpi) => kept.has(kpi));
}

/** As many tiles a row that the last row is full, or nearly. */
function atDesk(number) {
  if (number <= 4) return Math.max(1, number);
  return [4, 3].find((each) => number % each === 0) ?? (number % 4 > number % 3 ? 4 : 3);
}

/** As few rows as can be read. */
function onWall(number) {
  if (number <= 5) return Math.max(1, number);
  return Math.ceil(number / (number <= 10 ? 2 : 3));
}

function unknown(names, kpis) {
  const known = new Set(kpis.map(({ metric }) => metric));
  const odd = names?.filter((name) => !known.has(name)) ?? [];
  return odd.length ? `No KPI is called ${odd.join(", ")}.` : "";
}

const part = (names, shown, all) =>
  names ? `${shown} of ${all} KPIs are shown, as the address says.` : "";

function left(missing, kpis) {
  if (!missing.length) return "";
  const calm = missing.some(calls) ? "" : ", none of them past a bound";
  const few = missing.slice(0, 3).map(({ metric }) => title(metric));
  const more = missing.length - few.length;
  const example = missing.slice(0, 2).map(({ metric }) => metric);
  return (
    `${missing.length} of ${kpis.length} KPIs are not shown${calm}: ${few.join(", ")}` +
    `${more ? ` and ${more} more` : ""}. Choose with &kpis=${example.join(",")} in the address.`
  );
}
