// Names of the declaration as words, and the words of comparisons and states.

/** "avg_order_value" as "Avg order value". */
export function title(name) {
  const words = name.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const UNITS = { m: "min", h: "h", d: "days", w: "weeks" };

/** A window's name: "last_60m" as "Last 60 min". */
export const windowTitle = (name) =>
  title(name).replace(/\b(\d+)([mhdw])\b/g, (_, number, unit) => `${number} ${UNITS[unit]}`);

const OFFSETS = {
  "1 day": "yesterday",
  "7 days": "last week",
  "1 week": "last week",
  "1 month": "last month",
  "1 year": "last year",
};

/** What a value is compared with: "7 days" as "last week", "3 days" as "3 days earlier". */
export const before = (offset) => OFFSETS[offset] ?? `${offset} earlier`;

/** The same in full: at the same time of that day. */
export const against = (offset) => `at the same time ${before(offset)}`;

/** A group as words; what has no value is said to have none. */
export const group = (dims) => dims.map((value) => value ?? "(none)").join(" · ");

/**
 * What the states of the rules are called, and the icon that says the same.
 * @type {Record<string, {word: string, icon: string}>}
 */
export const STATES = {
  critical: { word: "Critical", icon: "octagon" },
  warn: { word: "Warning", icon: "triangle" },
  pending: { word: "Pending", icon: "hourglass" },
  unknown: { word: "Unknown", icon: "question" },
  ok: { word: "OK", icon: "check" },
  none: { word: "No rule", icon: "minus" },
};

const ORDER = ["critical", "warn", "pending", "unknown", "ok", "none"];

/** The worst of some states; "none" of none. */
export const worst = (states) => ORDER.find((state) => states.includes(state)) ?? "none";
