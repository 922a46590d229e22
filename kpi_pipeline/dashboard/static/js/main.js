// The page: what the server says goes to the parts that show it.

import { refresh } from "./activity.js";
import { Alerts } from "./alerts.js";
import { ask } from "./api.js";
import { ServerClock } from "./clock.js";
import { arrange, mark, say } from "./dom.js";
import { explain } from "./explain.js";
import * as header from "./header.js";
import { plan } from "./plan.js";
import { SeriesFeed } from "./series.js";
import { nothing } from "./state.js";
import { Stream } from "./stream.js";
import { GroupTable } from "./table.js";
import * as theme from "./theme.js";
import { Tile } from "./tile.js";
import { Trust } from "./trust.js";
import { hang, onWall } from "./wall.js";
import { title } from "./words.js";

const part = (id) => document.getElementById(id);
const clock = new ServerClock();
const known = nothing();
const tiles = new Map();
const tables = new Map();
const charts = new SeriesFeed(tiles);
const address = new URL(location.href);
const asked = address.searchParams.get("kpis");

theme.apply();
hang();
const alerts = new Alerts(part("alerts"));
const trust = new Trust(part("proof"));
const stream = new Stream(heard, stands);
all();
header.controls(() => (known.connection === "paused" ? resume() : stream.pause()));
stream.start();
setInterval(age, 1000);
setInterval(activity, 60_000);
alarms();

function heard(event, data) {
  if (event === "status") clock.set(data.now);
  const first = known.snapshot === null;
  known[event] = data;
  if (event === "snapshot") show(data, first);
  alerts.update(known, clock.now());
  age();
}

function stands(connection, why = "") {
  const was = known.connection;
  Object.assign(known, { connection, why });
  const down = connection === "lost" || connection === "paused";
  known.since = down ? (was === connection ? known.since : clock.now()) : null;
  header.paused(connection === "paused");
  if (connection === "open" && was === "lost") again();
  age();
}

/** The way back from a choice of KPIs to all of them. */
function all() {
  address.searchParams.delete("kpis");
  part("all").href = address.pathname + address.search;
  part("all").hidden = asked === null;
}

function alarms() {
  ask("/api/v1/alerts").then(
    (data) => heard("alerts", data),
    () => {},
  );
}

/** A server that is back may have been started with more pipelines than it had. */
function again() {
  alarms();
  if (known.snapshot) header.pipelines(known.snapshot.pipeline).catch(() => {});
}

function resume() {
  stands("connecting");
  stream.start();
}

/** Whatever counts up. */
function age() {
  header.update(known, clock.now());
  trust.update(known, clock.now());
}

function show(snapshot, first) {
  const { single, grouped, columns, rows, text } = plan(snapshot.kpis, asked, onWall);
  const behind = (metric, window, dims) => explain(known, metric, window, dims);
  mark(part("tiles"), "data-columns", columns);
  mark(part("tiles"), "data-rows", rows);
  place(part("tiles"), tiles, single, (metric) => new Tile(metric, behind), snapshot);
  place(
    part("groups"),
    tables,
    grouped,
    (metric) => new GroupTable(metric, behind),
    snapshot,
    rows,
  );
  part("part").hidden = !text;
  say(part("part-text"), text);
  if (first) {
    part("name") && say(part("name"), title(snapshot.pipeline));
    header.pipelines(snapshot.pipeline).catch(() => {});
  }
  charts.refresh(snapshot);
  activity();
}

/** Keeps the parts of KPIs that are still there, makes those of new ones, in the declared order. */
function place(parent, parts, kpis, make, ...news) {
  for (const kpi of kpis) {
    if (!parts.has(kpi.metric)) parts.set(kpi.metric, make(kpi.metric));
    parts.get(kpi.metric).update(kpi, ...news);
  }
  const names = new Set(kpis.map(({ metric }) => metric));
  for (const metric of [...parts.keys()].filter((name) => !names.has(name))) parts.delete(metric);
  arrange(
    parent,
    kpis.map(({ metric }) => parts.get(metric).element),
  );
}

function activity() {
  const zone = known.snapshot?.timezone;
  if (zone && known.connection !== "paused") refresh(part("timeline"), part("ticks"), zone);
}
