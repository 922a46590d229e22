// One statement behind a number, and its rows.

import { tell } from "./announce.js";
import { h } from "./dom.js";
import { count } from "./format.js";
import { icon } from "./icons.js";
import { span } from "./moment.js";
import { title } from "./words.js";

/** As many rows as the server hands out at once. */
const MOST = 100_000;

/**
 * One statement and its rows; of a composed KPI there are several.
 * @param {object} one of the explanation's leaves
 * @param {object} found the explanation
 * @param {number | null} number of its rows, where that is known
 */
export function leaf(
  { metric, definition, span: bounds, sql: own, rows },
  { timezone: zone, before, leaves },
  number,
) {
  const several = leaves.length > 1;
  const sql = before ? `${before}\n${own}` : own; // what must run first in the same session
  const download =
    rows?.startsWith("/api/") &&
    h(
      "a",
      { class: "act", href: `${rows}&limit=${MOST}`, download: `${metric}.csv` },
      icon("download"),
      saved(number),
    );
  const heading = several
    ? `${title(metric)}: ${definition}, ${span(bounds.start, bounds.end, zone)}`
    : "From the source itself";
  const statement = h(
    "pre",
    { tabindex: 0, role: "region", "aria-label": `SQL of ${title(metric)}` },
    h("code", {}, sql),
  );
  const copying = () => copied(sql, statement);
  const copy = h("button", { class: "act", onclick: copying }, icon("copy"), "Copy SQL");
  return h(
    "section",
    { class: "leaf" },
    h("h3", {}, heading),
    statement,
    h("div", { class: "actions" }, copy, download),
  );
}

/** What a file of rows is called: that it is not all of them is said before it is saved. */
function saved(number) {
  if (number === null) return `Rows as CSV (${count(MOST)} at most)`;
  if (number <= MOST) return "Rows as CSV";
  return `Newest ${count(MOST)} of ${count(number)} rows as CSV`;
}

/** Where a page may not write to the clipboard, as over plain HTTP, the text is selected instead. */
async function copied(sql, statement) {
  try {
    await navigator.clipboard.writeText(sql);
    tell("SQL copied.");
  } catch {
    getSelection().selectAllChildren(statement);
    tell("SQL selected.");
  }
}
