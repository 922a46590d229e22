// What the page's pure modules promise; run by test_page_files.py with the folder of the files.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { SourceTextModule } from "node:vm";

// Every module is sound.
const folder = new URL(`${process.argv[2]}/js/`);
for (const name of readdirSync(folder)) {
  new SourceTextModule(readFileSync(new URL(name, folder), "utf8"), { identifier: name });
}

const from = (name) => import(`${process.argv[2]}/js/${name}.js`);
const { changed, equal, sum } = await from("decimal");
const { apart, change, error, full, short, terse, told } = await from("format");
const { age, exact, near, span } = await from("moment");
const { condition, nothing, inOrder, primary } = await from("state");
const { folded } = await from("fold");
const { linesOf } = await from("lines");
const { plan } = await from("plan");
const { within } = await from("band");
const { ranked, totalOf } = await from("groups");
const { before, title, windowTitle, worst } = await from("words");

// Decimals are exact where floats are not.
assert.equal(sum(["0.1", "0.2", null]), "0.3");
assert.equal(sum(["98765432109876543210.01", "-0.02"]), "98765432109876543209.99");
assert.ok(equal("1.50", "1.5") && equal("1E+2", "100") && !equal("0.1", "0.10000001"));

// Values keep the digits that are shown.
assert.equal(full("9007199254740993.01", "USD"), "$9,007,199,254,740,993.01");
assert.equal(full("35.6075585937", "USD"), "$35.607559");
assert.equal(short("35.6075585937", "USD"), "$35.61");
assert.equal(short("9312231.07", "USD"), "$9.31M");
assert.equal(short("-7", "JPY"), "-¥7");
assert.equal(short("12.3456789", "%"), "12.35 %");
assert.equal(short("98765432109876543210", null), "9.88E19");
assert.equal(full(null, "USD"), "–");
assert.deepEqual(apart("480", "people"), { number: "480", unit: "people" });
assert.deepEqual(change("-3.40"), { direction: "down", text: "-3.4%", full: "-3.40%" });
assert.deepEqual(change("0.04"), { direction: "flat", text: "0.0%", full: "+0.04%" });
assert.deepEqual(change("999.4").text, "+999%");
assert.deepEqual(change("46700.5"), { direction: "up", text: ">999%", full: "+46,700.50%" });
assert.deepEqual(change("-1200"), { direction: "down", text: "<-999%", full: "-1,200.00%" });
assert.deepEqual(change(null), { direction: "none", text: "–", full: "" });
assert.equal(told("23705288.115", "USD"), "$23,705,288.12");
assert.equal(terse("30", "USD"), "$30");
assert.equal(terse("30.50", "USD"), "$30.50");
assert.equal(error("0.0081"), "±0.8%");

// Names and moments are words of the business.
assert.equal(title("avg_order_value"), "Avg order value");
assert.equal(windowTitle("last_60m"), "Last 60 min");
assert.equal(before("7 days"), "last week");
assert.equal(worst(["ok", "unknown", "none"]), "unknown");
const zone = "America/New_York";
assert.equal(near("2026-11-26T19:32:00Z", zone, Date.parse("2026-11-27T04:00:00Z")), "14:32");
assert.equal(exact("2026-11-26T19:32:08Z", zone), "26 Nov 2026, 14:32:08");
assert.equal(
  near("2026-11-26T04:59:00Z", zone, Date.parse("2026-11-26T05:01:00Z")),
  "Wed 25 Nov, 23:59",
);
assert.equal(
  span("2026-11-26T05:00:00Z", "2026-11-26T19:33:00Z", zone),
  "26 Nov 2026, 00:00 to 14:33",
);
assert.deepEqual([5e3, 89e3, 90e3, 7.5e6, 3e8].map(age), [
  "5 s",
  "89 s",
  "1 min",
  "2 h 5 min",
  "3 days",
]);

// Corrections of one hour are one line, as long as nothing else happened between them.
const happened = (kind, at) => ({ kind, at });
const day1 = [
  happened("correction", "10:50"),
  happened("correction", "10:20"),
  happened("correction", "10:01"),
  happened("correction", "09:59"),
  happened("audit", "09:30"),
  happened("correction", "09:10"),
];
assert.deepEqual(
  folded(day1, (at) => at.slice(0, 2)).map(({ at, times, from: first }) => [at, times, first]),
  [
    ["10:50", 3, "10:01"],
    ["09:59", undefined, undefined],
    ["09:30", undefined, undefined],
    ["09:10", undefined, undefined],
  ],
);

// A page knows how it stands; a lost line is worse than what was last said.
const status = { status: "live", reason: "", checked_at: "2026-11-26T19:32:00Z" };
const now = Date.parse("2026-11-26T19:33:00Z");
assert.equal(condition({ ...nothing(), status, connection: "open" }, now).word, "Live");
const lost = condition({ ...nothing(), status, connection: "lost", since: now - 40_000 }, now);
assert.ok(lost.dim && lost.word === "Disconnected" && lost.text.includes("40 s"));
const filling = { ...status, status: "building", building_percent: 42 };
assert.equal(
  condition({ ...nothing(), status: filling, connection: "open" }, now).word,
  "Building 42 %",
);
const one = { ...status, reason: "median 42 % is being filled", building_percent: 42 };
const late = { ...status, status: "late", reason: "no look for 3 min" };
for (const [each, word] of [
  [status, "Incomplete"],
  [late, "Late"],
]) {
  const found = condition({ ...nothing(), status: each, connection: "open", partial: true }, now);
  assert.ok(found.word === word && found.text.includes("could not be loaded"), word);
}
const refused = { ...nothing(), connection: "lost", why: "unknown pipeline 'x'" };
assert.match(condition(refused, now).text, /this address: unknown pipeline 'x'\.$/);
const stands = condition({ ...nothing(), status: one, connection: "open" }, now);
assert.deepEqual(
  [stands.word, stands.text],
  ["Live", "Median 42 % is being filled. Every other number is up to date."],
);
const odd = condition(
  { ...nothing(), status: { ...status, status: "strange" }, connection: "open" },
  now,
);
assert.ok(odd.dim && odd.tone === "bad");

// Today is large; what is from ever comes last.
const windows = [
  { window: "lifetime", start: null },
  { window: "month", start: "2026-11-01T05:00:00Z" },
  { window: "today", start: "2026-11-26T05:00:00Z" },
  { window: "last_60m", start: "2026-11-26T18:33:00Z" },
];
assert.equal(primary({ windows }).window, "today");
assert.deepEqual(
  inOrder({ windows }).map(({ window }) => window),
  ["today", "last_60m", "month", "lifetime"],
);

// Groups stand largest first, and add up to another KPI only if every digit does.
const reading = (value, dims = []) => ({ window: "today", dims, value });
const parts = {
  unit: "USD",
  group_by: ["t"],
  readings: [reading("0.10", ["a"]), reading("0.20", [null])],
};
const whole = (value) => ({
  metric: "total",
  unit: "USD",
  group_by: [],
  readings: [reading(value)],
});
const rows = ranked(parts, "today");
assert.deepEqual(
  rows.map(({ dims }) => dims),
  [[null], ["a"]],
);
assert.equal(totalOf(parts, { kpis: [parts, whole("0.30")] }, rows, "today").kpi.metric, "total");
assert.equal(totalOf(parts, { kpis: [parts, whole("0.3000001")] }, rows, "today"), null);

// A wall shows what fits and says what does not; what is past a bound is never what is left out.
const kpi = (n, state = "ok") => ({ metric: `k_${n}`, group_by: [], readings: [{ state }] });
const kpis = Array.from({ length: 20 }, (_, n) => kpi(n, n === 19 ? "critical" : "ok"));
const names = (planned) => planned.single.map(({ metric }) => metric);
const desk = plan(kpis, null, false);
assert.deepEqual([desk.single.length, desk.columns, desk.text], [20, 4, ""]);
const wall = plan(kpis, null, true);
assert.deepEqual(
  [names(wall)[16], names(wall)[17], wall.columns, wall.rows],
  ["k_16", "k_19", 6, 3],
);
assert.equal(
  wall.text,
  "2 of 20 KPIs are not shown, none of them past a bound: K 17, K 18. " +
    "Choose with &kpis=k_17,k_18 in the address.",
);
const all = Array.from({ length: 24 }, (_, n) => kpi(n, "warn"));
assert.match(
  plan(all, null, true).text,
  /^6 of 24 KPIs are not shown: K 18, K 19, K 20 and 3 more/,
);
const few = plan([...kpis, { ...kpi("g"), group_by: ["t"] }], "k_3,k_g,k_1,odd", true);
assert.deepEqual([names(few), few.grouped.length, few.columns], [["k_1", "k_3"], 1, 2]);
assert.equal(few.text, "No KPI is called odd. 3 of 21 KPIs are shown, as the address says.");
const shapes = (wide) =>
  [5, 6, 8, 10, 11, 16].map((n) => plan(kpis.slice(0, n), null, wide)).map((p) => p.columns);
assert.deepEqual(shapes(true), [5, 3, 4, 5, 4, 6]);
assert.deepEqual(shapes(false), [3, 3, 4, 4, 4, 4]);

// The hour that runs is apart, and what has not begun has no value.
const hour = (n, value) => ({ start: `2026-11-26T0${n}:00:00Z`, value });
const points = [hour(5, "1"), hour(6, "2"), hour(7, "0.5"), hour(8, "0")];
const lines = linesOf({ points, before: [hour(5, "4")] }, Date.parse("2026-11-26T07:30:00Z"));
assert.deepEqual(lines.today, [1, 2, null, null]);
assert.deepEqual(lines.running, [null, 2, 0.5, null]);
assert.deepEqual(lines.before, [4, null, null, null]);

// The rest of last week's day is asked for once an hour.
globalThis.location = { search: "" };
const asked = [];
globalThis.fetch = async (where) => {
  asked.push(new URL(where, "http://x").searchParams.get("since"));
  return { ok: true, json: async () => ({ points: [hour(8, "9")] }) };
};
const { wholeDay } = await from("rest");
const day = { points: [hour(7, "1")], before: [{ start: "2026-11-19T07:00:00Z", value: "3" }] };
for (let time = 0; time < 2; time += 1) {
  const { points: all, before: earlier } = await wholeDay("/s", day, "2026-11-26T10:00:00Z");
  assert.deepEqual(
    all.map(({ value }) => value),
    ["1", null, null],
  );
  assert.deepEqual(
    earlier.map(({ value }) => value),
    ["3", "9", null],
  );
}
assert.deepEqual(asked, ["2026-11-19T08:00:00.000Z"]);

// A bound that is far from the lines does not flatten them; without lines all are there.
const bounds = [{ value: 20 }, { value: 1000 }];
assert.deepEqual(within(bounds, 15, 30), [20]);
assert.deepEqual(within(bounds, 30, 30), [20]);
assert.deepEqual(within(bounds, 0, 600), [20, 1000]);
assert.deepEqual(within(bounds, 0, 0), [20, 1000]);
assert.deepEqual(within(bounds, undefined, null), [20, 1000]);
