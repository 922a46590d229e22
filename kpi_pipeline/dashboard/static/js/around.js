// What stands around the numbers, and is loaded once they are shown: groups, charts, alerts, proof,
// what happened, and what is behind a number.

import { refresh } from "./activity.js";
import { Alerts } from "./alerts.js";
import { explain } from "./explain.js";
import { pipelines } from "./header.js";
import { fill } from "./parts.js";
import { SeriesFeed } from "./series.js";
import { GroupTable } from "./table.js";
import { Trust } from "./trust.js";

const part = (id) => document.getElementById(id);

/** All of it, over what the page knows. */
export class Around {
  #known;
  #now;
  #charts;
  #tables = new Map();
  #alerts = new Alerts(part("alerts"));
  #trust = new Trust(part("proof"));

  /**
   * @param {import("./state.js").Known} known with a snapshot
   * @param {() => number} now the server's time
   * @param {Map<string, import("./tile.js").Tile>} tiles by metric
   */
  constructor(known, now, tiles) {
    this.#known = known;
    this.#now = now;
    this.#charts = new SeriesFeed(tiles);
    setInterval(() => known.connection === "paused" || this.#activity(), 60_000);
    this.again();
  }

  /** After every snapshot. @param {import("./plan.js").Plan} plan */
  show({ grouped, rows }) {
    const { snapshot } = this.#known;
    const table = (metric) => new GroupTable(metric, (...what) => this.explain(...what));
    fill(part("groups"), this.#tables, grouped, table, snapshot, rows);
    this.#charts.refresh(snapshot);
    this.#activity();
  }

  /** After whatever the server said. */
  heard() {
    this.#alerts.update(this.#known, this.#now());
  }

  /** Whatever counts up; call it each second. */
  age() {
    this.#trust.update(this.#known, this.#now());
  }

  /** A server that is back may have been started with more pipelines than it had. */
  again() {
    pipelines(this.#known.snapshot.pipeline).catch(() => {});
  }

  /** Opens what is behind a number. */
  explain(metric, window, dims) {
    explain(this.#known, metric, window, dims);
  }

  #activity() {
    refresh(part("timeline"), part("ticks"), this.#known.snapshot.timezone);
  }
}
