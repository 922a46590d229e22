// The groups of a KPI in order, and what they add up to. Pure.

import { equal, sum } from "./decimal.js";
import { groupsOf, readingsOf } from "./state.js";

/** Groups with their readings, the largest first. */
export function ranked(kpi, window) {
  const rows = groupsOf(kpi).map((dims) => ({ dims, readings: readingsOf(kpi, dims) }));
  const size = ({ readings }) => Number(readings.get(window)?.value ?? -Infinity);
  return rows.sort((one, other) => size(other) - size(one));
}

/**
 * The ungrouped KPI whose value the groups add up to, digit for digit; null if there is none, as
 * for an average or a number of people, which do not add up.
 */
export function totalOf(kpi, snapshot, rows, window) {
  const values = rows.map(({ readings }) => readings.get(window)?.value ?? null);
  if (values.every((value) => value === null)) return null;
  const added = sum(values);
  for (const other of snapshot.kpis) {
    const readings = readingsOf(other);
    const value = readings.get(window)?.value ?? null;
    const alike = !other.group_by.length && other.unit === kpi.unit && value !== null;
    if (alike && equal(value, added)) return { kpi: other, readings, value };
  }
  return null;
}
