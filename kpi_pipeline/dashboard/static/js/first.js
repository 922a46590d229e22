// Opens the stream while the rest of the page still loads: numbers wait for nothing else.
// Meanwhile the browser reads its tables of locales, which takes it 25 to 80 ms at the first format.

import { address } from "./api.js";

/** What the stream says. */
export const EVENTS = ["snapshot", "status", "alerts"];

let source = new EventSource(address("/stream"));
const said = [];
const note = (event) => said.push(event);
for (const name of EVENTS) source.addEventListener(name, note);
new Intl.NumberFormat();
new Intl.DateTimeFormat();

/**
 * The stream that is open already, with what it has said; null if somebody has taken it.
 * @returns {{source: EventSource, said: MessageEvent[]} | null}
 */
export function take() {
  const taken = source && { source, said };
  for (const name of EVENTS) source?.removeEventListener(name, note);
  source = null;
  return taken;
}
