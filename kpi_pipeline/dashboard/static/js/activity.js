// What happened, and what the pipeline did: the timeline, and the last ticks below it.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { folded } from "./fold.js";
import { count } from "./format.js";
import { icon } from "./icons.js";
import { age, clock, day, minute } from "./moment.js";

const EVENTS = {
  alert: ["bell", "Alert"],
  rewind: ["rewind", "Rewind"],
  correction: ["pencil", "Correction"],
  audit: ["shield", "Audit"],
};
const TICKS = { look: ["check", "Look"], run: ["play", "Run"], failure: ["cross", "Failure"] };

/**
 * Asks for both and shows them.
 * @param {HTMLElement} timeline
 * @param {HTMLElement} ticks
 * @param {string} zone
 */
export async function refresh(timeline, ticks, zone) {
  const happened = ({ events }) =>
    events.length ? days(events, zone) : [nothing("Nothing to report")];
  const looked = (found) => [
    found.ticks.length ? table(found.ticks, zone) : nothing("No ticks yet"),
  ];
  await Promise.all([
    fill(timeline, "/api/v1/timeline", 40, happened),
    fill(ticks, "/api/v1/ticks", 12, looked),
  ]);
}

/** What was there stays if it cannot be asked for anew. */
async function fill(element, path, limit, shown) {
  try {
    element.replaceChildren(...shown(await ask(path, { limit })));
  } catch {
    if (!element.childElementCount) element.replaceChildren(nothing("Not available for now"));
  }
}

const nothing = (text) => h("p", { class: "nothing" }, text);

/** Events by local day, newest first. */
function days(events, zone) {
  const groups = Map.groupBy(events, ({ at }) => day(at, zone));
  const hour = (at) => minute(at, zone).slice(0, 2);
  return [...groups].flatMap(([name, each]) => [
    h("h3", {}, name),
    h("ol", {}, ...folded(each, hour).map((event) => entry(event, zone))),
  ]);
}

function entry({ at, kind, level, text, times, from }, zone) {
  const [name, word] = EVENTS[kind] ?? ["dot", kind];
  const when = h("time", { datetime: at }, minute(at, zone));
  const what = h("span", { class: "kind" }, icon(name), word);
  return h(
    "li",
    { "data-kind": kind, "data-state": level || "none" },
    when,
    what,
    h(
      "span",
      { class: "text" },
      text,
      times ? `; ${times - 1} more since ${minute(from, zone)}` : "",
    ),
  );
}

const lagged = (seconds) => {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 90 ? `${seconds.toFixed(1)} s` : age(seconds * 1000);
};

function table(ticks, zone) {
  const heads = ["Time", "Tick", "Rows", "Lag", "Reason"];
  const rows = ticks.map(({ at, kind, rows: number, lag_seconds: lag, reason }) => {
    const [name, word] = TICKS[kind] ?? ["dot", kind];
    return h(
      "tr",
      { "data-kind": kind },
      h("th", { scope: "row" }, at ? clock(at, zone) : "–"),
      h("td", { class: "kind" }, icon(name), word),
      h("td", { class: "amount" }, count(number)),
      h("td", { class: "amount lag" }, lagged(lag)),
      h("td", { class: "reason" }, reason),
    );
  });
  const head = h(
    "tr",
    {},
    ...heads.map((text, at) =>
      h("th", { scope: "col", class: [null, null, "amount", "amount lag"][at] }, text),
    ),
  );
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows));
}
