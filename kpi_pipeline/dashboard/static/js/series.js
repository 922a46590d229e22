// Keeps the charts up: asks for each KPI's hours after a snapshot, never twice at a time.

import { ask } from "./api.js";
import { Chart } from "./chart.js";
import { wholeDay } from "./rest.js";
import { primary } from "./state.js";
import { title } from "./words.js";

const DAY = 86_400_000;

/** So many at a time: a browser opens six connections, and the stream holds one. */
const LANES = 3;

/** Asks for series and hands each to its tile as it comes. */
export class SeriesFeed {
  #running = false;
  #next = null;
  #charts = new WeakMap();

  /** @param {Map<string, import("./tile.js").Tile>} tiles by metric */
  constructor(tiles) {
    this.tiles = tiles;
  }

  /** @param {object} snapshot that has just come */
  async refresh(snapshot) {
    this.#next = snapshot;
    if (this.#running) return;
    this.#running = true;
    while (this.#next) {
      const current = this.#next;
      this.#next = null;
      const kpis = current.kpis.filter((kpi) => this.#chart(kpi));
      await Promise.all(Array.from({ length: LANES }, () => this.#lane(kpis, current)));
    }
    this.#running = false;
  }

  async #lane(kpis, snapshot) {
    for (let kpi = kpis.shift(); kpi; kpi = kpis.shift()) {
      const failed = () => this.#chart(kpi)?.fail("No chart for now");
      await this.#draw(kpi, snapshot).catch(failed);
    }
  }

  async #draw(kpi, snapshot) {
    const { query, offset } = asked(snapshot);
    const path = `/api/v1/kpis/${encodeURIComponent(kpi.metric)}/series`;
    const series = await wholeDay(path, await ask(path, query), query.until);
    await this.#chart(kpi)?.draw(series, kpi, snapshot, offset);
  }

  /** The chart of a tile; none if the tile is gone. */
  #chart({ metric }) {
    const tile = this.tiles.get(metric);
    if (tile && !this.#charts.has(tile))
      this.#charts.set(tile, new Chart(title(metric), tile.open, tile.figure));
    return tile && this.#charts.get(tile);
  }
}

/** Today to midnight, so that the line of last week is whole; and what today is compared with. */
function asked(snapshot) {
  const { window, start, end, offset } = primary(snapshot);
  const query = { grain: "hour", offset_days: offset?.days };
  if (window === "today" && start) {
    const until = Math.max(Date.parse(start) + DAY, Date.parse(end));
    Object.assign(query, { since: start, until: new Date(until).toISOString() });
  }
  return { query, offset: offset?.text ?? "" };
}
