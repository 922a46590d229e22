// The hours of today that have not begun, over those of the day that it is compared with.

import { ask } from "./api.js";

const HOUR = 3_600_000;
const kept = new Map();

/**
 * A series up to midnight: a chart then says what is still to come, as it came last week.
 * @param {string} path of the series
 * @param {object} series up to now
 * @param {string | undefined} until midnight; what is not asked for is left as it is
 */
export async function wholeDay(path, series, until) {
  const last = series.points.at(-1);
  const from = last && Date.parse(last.start) + HOUR;
  const missing = from && until ? Math.round((Date.parse(until) - from) / HOUR) : 0;
  if (missing <= 0) return series;
  const shift =
    series.before.length && Date.parse(last.start) - Date.parse(series.before.at(-1).start);
  const earlier = shift ? await rest(path, from - shift, Date.parse(until) - shift) : [];
  const hours = Array.from({ length: missing }, (_, n) => n);
  const points = hours.map((n) => ({ start: iso(from + n * HOUR), value: null, n: 0 }));
  const before = hours.map(
    (n) => earlier[n] ?? { start: iso(from - shift + n * HOUR), value: null, n: 0 },
  );
  return {
    ...series,
    points: [...series.points, ...points],
    before: [...series.before, ...before],
  };
}

/** It is over, so it is asked for once an hour only. */
async function rest(path, since, until) {
  const known = kept.get(path);
  if (known?.since === since) return known.points;
  const query = { grain: "hour", since: iso(since), until: iso(until) };
  const points = await ask(path, query).then(
    (found) => found.points,
    () => [],
  );
  if (points.length) kept.set(path, { since, points });
  return points;
}

const iso = (moment) => new Date(moment).toISOString();
