// The page: what the server says goes to the parts that show it, numbers first.

import { ServerClock } from "./clock.js";
import { mark, say } from "./dom.js";
import * as header from "./header.js";
import { fill } from "./parts.js";
import { plan } from "./plan.js";
import { nothing } from "./state.js";
import { Stream } from "./stream.js";
import * as theme from "./theme.js";
import { Tile } from "./tile.js";
import { hang, onWall } from "./wall.js";
import { title } from "./words.js";

const PATIENCE = 5_000;
const part = (id) => document.getElementById(id);
const clock = new ServerClock();
const known = nothing();
const tiles = new Map();
const address = new URL(location.href);
const asked = address.searchParams.get("kpis");
let shown = null;
let loading = false;
let around = null;
let wanted = null;

theme.apply();
hang();
const stream = new Stream(heard, stands);
all();
header.controls(() => (known.connection === "paused" ? resume() : stream.pause()));
stream.start();
setInterval(age, 1000);

function heard(event, data) {
  if (event === "status") clock.set(data.now);
  known[event] = data;
  if (event === "snapshot") show(data);
  if (around) around.heard();
  else reserve(known.alerts?.open.length);
  age();
}

/** Keeps room for alerts that are not drawn yet: a number would move from under a pointer. */
function reserve(lines = 0) {
  part("alerts").hidden = !lines;
  part("alerts").style.setProperty("--lines", lines);
}

function stands(connection, why = "") {
  const was = known.connection;
  Object.assign(known, { connection, why });
  const down = connection === "lost" || connection === "paused";
  known.since = down ? (was === connection ? known.since : clock.now()) : null;
  header.paused(connection === "paused");
  if (connection === "open" && was === "lost") around?.again();
  age();
}

/** The way back from a choice of KPIs to all of them. */
function all() {
  address.searchParams.delete("kpis");
  part("all").href = address.pathname + address.search;
  part("all").hidden = asked === null;
}

function resume() {
  stands("connecting");
  stream.start();
}

/** Whatever counts up. */
function age() {
  header.update(known, clock.now());
  around?.age();
}

function show(snapshot) {
  shown = plan(snapshot.kpis, asked, onWall);
  mark(part("tiles"), "data-columns", shown.columns);
  mark(part("tiles"), "data-rows", shown.rows);
  fill(part("tiles"), tiles, shown.single, (metric) => new Tile(metric, explain), snapshot);
  part("part").hidden = !shown.text;
  say(part("part-text"), shown.text);
  say(part("name"), title(snapshot.pipeline));
  if (around) around.show(shown);
  else surround();
}

/** Loads what numbers do not wait for, and does not give up. */
function surround() {
  if (loading) return;
  loading = true;
  document.head.append(part("later").content);
  import("./around.js").then(surrounded, again);
  setTimeout(() => (known.partial = !around), PATIENCE); // some loads neither end nor fail
}

/** After a while: snapshots may come faster than that. */
function again() {
  known.partial = true;
  wanted = null;
  setTimeout(() => {
    loading = false;
    surround();
  }, PATIENCE);
}

function surrounded({ Around }) {
  known.partial = false;
  around = new Around(known, () => clock.now(), tiles);
  around.show(shown);
  around.heard();
  if (wanted) around.explain(...wanted);
  age();
}

/** Opens what is behind a number; of several that were asked for too early, the last. */
function explain(...number) {
  if (around) around.explain(...number);
  else wanted = number;
}
