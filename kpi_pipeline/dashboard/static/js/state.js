// What the page knows, and what it says about itself. Pure: time is an argument.

import { age } from "./moment.js";

/**
 * @typedef {"connecting" | "open" | "polling" | "lost" | "paused"} Connection
 * @typedef {object} Known
 * @property {object | null} snapshot as in docs/api.md
 * @property {object | null} status
 * @property {object | null} alerts
 * @property {Connection} connection
 * @property {string} why the server refuses what the page asks for; empty if it does not
 * @property {boolean} partial whether what stands around the numbers is not there, though it should be
 * @property {number | null} since the server's time when the connection was lost or paused
 */

/** @returns {Known} */
export const nothing = () => ({
  snapshot: null,
  status: null,
  alerts: null,
  connection: "connecting",
  why: "",
  partial: false,
  since: null,
});

/**
 * How the page stands: a word for the pill, a tone and an icon that say the same, a sentence where
 * something is not as it should be, and whether numbers are to be dimmed.
 * @typedef {{key: string, word: string, tone: string, icon: string, text: string, dim: boolean}} Condition
 */

const CONDITIONS = {
  live: ["Live", "good", "dot", false],
  quiet: ["Quiet", "calm", "moon", false],
  late: ["Late", "warn", "clock", true],
  stalled: ["Stalled", "bad", "triangle", true],
  building: ["Building", "info", "layers", false],
  empty: ["Empty", "calm", "ring", false],
  partial: ["Incomplete", "warn", "triangle", false],
  unreachable: ["Unreachable", "bad", "cross", true],
  lost: ["Disconnected", "bad", "unplugged", true],
  nowhere: ["Not found", "bad", "question", true],
  paused: ["Paused", "calm", "pause", false],
  connecting: ["Connecting", "calm", "ring", false],
};

const MISSING = "Alerts and charts could not be loaded yet. If this stays, reload the page.";

/**
 * @param {Known} known
 * @param {number} now the server's time
 * @returns {Condition}
 */
export function condition(known, now) {
  const key = keyOf(known);
  const [name, tone, icon, dim] = CONDITIONS[key] ?? [key, "bad", "question", true];
  const percent = key === "building" ? known.status.building_percent : null;
  const word = percent === null || percent === undefined ? name : `${name} ${percent} %`;
  const missing = known.partial && key === known.status?.status ? MISSING : "";
  const text = [sentence(key, known, now), missing].filter(Boolean).join(" ");
  return { key, word, tone, icon, dim, text };
}

function keyOf({ connection, status, partial, why }) {
  if (connection === "lost" && !status && why) return "nowhere";
  if (connection === "lost" || connection === "paused") return connection;
  if (partial && ["live", "quiet"].includes(status?.status)) return "partial";
  return status ? status.status : "connecting";
}

/** What the notice below the header says; empty where all is well. */
function sentence(key, known, now) {
  const { status, since } = known;
  const reason = capital(status?.reason || "No reason is known");
  switch (key) {
    case "connecting":
      return "";
    case "live":
      return isFilling(status) ? `${reason}. Every other number is up to date.` : "";
    case "partial":
      return MISSING;
    case "lost":
      return status
        ? `No connection to the server for ${age(now - since)}. These are the last numbers it sent; trying again.`
        : "The server does not answer; trying again.";
    case "nowhere":
      return `The server has nothing for this address: ${known.why}.`;
    case "paused":
      return `Paused for ${age(now - since)}. Numbers stand still until you resume.`;
    case "stalled":
    case "unreachable":
      return `${reason}. These are the last good numbers, checked ${checkedAge(status, now)} ago.`;
    case "late":
      return `Not up to date: ${status.reason}.`;
    case "empty":
      return `No data read yet; the first look comes within ${soon(status)}.`;
    case "building":
      return `${reason}. Numbers that need it come as it does.`;
    default:
      return `${reason}.`;
  }
}

/** Whether the history of a KPI is being filled, be it of one alone. */
export const isFilling = (status) => Number.isInteger(status?.building_percent);

const soon = ({ every_seconds: every }) => (every > 60 ? age(every * 1000) : "a minute");

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** How long ago the pipeline last looked, in words; a dash before the first look. */
export function checkedAge(status, now) {
  return status?.checked_at ? age(now - Date.parse(status.checked_at)) : "–";
}

/** The window that a tile shows large: today if there is one, else the first declared. */
export function primary(snapshot) {
  const { windows } = snapshot;
  return windows.find(({ window }) => window === "today") ?? windows[0];
}

/** All windows as they are shown: that one, then the shortest first, what is from ever last. */
export function inOrder(snapshot) {
  const first = primary(snapshot);
  const begins = ({ start }) => (start === null ? -Infinity : Date.parse(start));
  const others = snapshot.windows.filter((each) => each !== first);
  return [first, ...others.sort((one, other) => begins(other) - begins(one) || 0)];
}

/** The readings of one group of a KPI by window; of no group without groups. */
export function readingsOf(kpi, dims = []) {
  const key = JSON.stringify(dims);
  const own = kpi.readings.filter((reading) => JSON.stringify(reading.dims) === key);
  return new Map(own.map((reading) => [reading.window, reading]));
}

/** Every group of a KPI, once, in the order of its readings. */
export function groupsOf(kpi) {
  return [...new Map(kpi.readings.map(({ dims }) => [JSON.stringify(dims), dims])).values()];
}
