// Parts of the page that belong to one KPI each: made when it appears, kept while it is there.

import { arrange } from "./dom.js";

/**
 * Brings what a place holds up to date, in the declared order.
 * @param {Element} place
 * @param {Map<string, {element: Element, update: Function}>} parts by metric; changed in place
 * @param {object[]} kpis that are to be there
 * @param {(metric: string) => {element: Element, update: Function}} make
 * @param {...unknown} news that `update` is told besides its KPI
 */
export function fill(place, parts, kpis, make, ...news) {
  for (const kpi of kpis) {
    if (!parts.has(kpi.metric)) parts.set(kpi.metric, make(kpi.metric));
    parts.get(kpi.metric).update(kpi, ...news);
  }
  const names = new Set(kpis.map(({ metric }) => metric));
  for (const metric of [...parts.keys()].filter((name) => !names.has(name))) parts.delete(metric);
  arrange(
    place,
    kpis.map(({ metric }) => parts.get(metric).element),
  );
}
