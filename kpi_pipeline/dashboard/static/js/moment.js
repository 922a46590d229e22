// Moments in the business's time zone, and ages in words. Clocks are 24 h, whoever looks.

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const formats = new Map();

function format(zone, options) {
  const key = `${zone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  }
  return formats.get(key);
}

/** "14:31:58" */
export const clock = (moment, zone) =>
  format(zone, { ...CLOCK, second: "2-digit" }).format(new Date(moment));

/** "14:31" */
export const minute = (moment, zone) => format(zone, CLOCK).format(new Date(moment));

/** "Thu 26 Nov" */
export const day = (moment, zone) =>
  format(zone, { weekday: "short", day: "numeric", month: "short" })
    .format(new Date(moment))
    .replace(",", "");

/** "26 Nov 2026, 14:31" */
export const full = (moment, zone) =>
  format(zone, { ...CLOCK, day: "numeric", month: "short", year: "numeric" }).format(
    new Date(moment),
  );

/** "26 Nov 2026, 14:31:58", as the clocks above the page have it. */
export const exact = (moment, zone) =>
  format(zone, {
    ...CLOCK,
    second: "2-digit",
    day: "numeric",
    month: "short",
    year: "numeric",
  }).format(new Date(moment));

/** The clock alone if it is of the same local day as `now`, with its day if it is not. */
export function near(moment, zone, now, seconds = false) {
  const time = seconds ? clock(moment, zone) : minute(moment, zone);
  return day(moment, zone) === day(now, zone) ? time : `${day(moment, zone)}, ${time}`;
}

/** What an interval spans: "26 Nov 2026, 00:00 to 14:32", or that it is open at its start. */
export function span(start, end, zone) {
  if (start === null) return `everything before ${full(end, zone)}`;
  const same = day(start, zone) === day(end, zone);
  return `${full(start, zone)} to ${same ? minute(end, zone) : full(end, zone)}`;
}

/** The zone's own offset then: "GMT-5". */
export function offset(moment, zone) {
  const parts = format(zone, { timeZoneName: "shortOffset" }).formatToParts(new Date(moment));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

/**
 * How long something is ago, in words that a wall can show.
 * @param {number} milliseconds
 * @returns {string} "12 s", "4 min", "2 h 5 min", "3 days"
 */
export function age(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}
