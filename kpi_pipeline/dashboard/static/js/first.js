// Opens the stream while the rest of the page still loads: numbers wait for nothing else.

import { address } from "./api.js";

/** What the stream says. */
export const EVENTS = ["snapshot", "status", "alerts"];

let source = new EventSource(address("/stream"));
const said = [];
const note = (event) => said.push(event);
for (const name of EVENTS) source.addEventListener(name, note);

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
