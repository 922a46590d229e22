// Keeps the charts up: asks for each KPI's hours after a snapshot, never twice at a time.

import { ask } from "./api.js";
import { primary } from "./state.js";

const DAY = 86_400_000;

/** Asks for series, one KPI after the other, and hands each to its tile as it comes. */
export class SeriesFeed {
  #running = false;
  #next = null;

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
      for (const kpi of current.kpis.filter(({ metric }) => this.tiles.has(metric))) {
        await this.#draw(kpi, current).catch(() => {}); // the chart keeps what it had
      }
    }
    this.#running = false;
  }

  async #draw(kpi, snapshot) {
    const { query, offset } = asked(snapshot);
    const series = await ask(`/api/v1/kpis/${encodeURIComponent(kpi.metric)}/series`, query);
    this.tiles.get(kpi.metric)?.chart.draw(series, kpi, snapshot, offset);
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
