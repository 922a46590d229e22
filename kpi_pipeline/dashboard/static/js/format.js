// Values as people read them: by unit, exact in every digit that is shown.

const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));
const formats = new Map();
const LARGE = 1_000_000;
const HUGE = 1e15; // beyond trillions there is no short word

/** What a tile shows where there is nothing to show. */
export const NOTHING = "–";

/**
 * A value in its unit with all its digits, to six places.
 * @param {string | null} value a decimal
 * @param {string | null} unit an ISO currency, or any word
 * @returns {string}
 */
export function full(value, unit) {
  return value === null ? NOTHING : spell(value, unit, { maximumFractionDigits: 6 });
}

/** A value as a tile rounds it, but never shortened: where it is explained there is room. */
export const told = (value, unit) =>
  value === null ? NOTHING : spell(value, unit, brief(value, unit));

/**
 * The same, shorter where it is large: $9.31M.
 * @param {string | null} value
 * @param {string | null} unit
 * @param {number} [large] from where it is shortened
 */
export function short(value, unit, large = LARGE) {
  if (value === null) return NOTHING;
  if (Math.abs(Number(value)) < large) return spell(value, unit, brief(value, unit));
  const notation = Math.abs(Number(value)) < HUGE ? "compact" : "scientific";
  return spell(value, unit, { notation, minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** The same without cents that are nought: $30, as bounds and axes say it. */
export const terse = (value, unit, large) =>
  short(value, unit, large).replace(/[.,]00?(?=\D*$)/, "");

/** Each of the few formats is made once. */
function format(options = {}) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(undefined, options));
  return formats.get(key);
}

function spell(value, unit, options) {
  if (unit && CURRENCIES.has(unit)) {
    const style = { style: "currency", currency: unit, currencyDisplay: "narrowSymbol" };
    return format({ ...style, ...options }).format(value);
  }
  const number = format(options).format(value);
  return unit ? `${number} ${unit}` : number;
}

/**
 * A value as `short` says it, apart: the number, and the unit that is set smaller beside it.
 * @returns {{number: string, unit: string}}
 */
export function apart(value, unit) {
  const beside = value !== null && unit && !CURRENCIES.has(unit) ? unit : "";
  return { number: short(value, beside ? null : unit), unit: beside };
}

function brief(value, unit) {
  if (unit && CURRENCIES.has(unit)) return {};
  if (whole(value)) return { maximumFractionDigits: 0 };
  return Math.abs(Number(value)) < 1
    ? { maximumSignificantDigits: 3 }
    : { maximumFractionDigits: 2 };
}

const whole = (value) => !/[.eE]/.test(value) || /^[+-]?\d+\.0*$/.test(value);

/** A change beyond this says only that it is beyond: its digits tell nobody anything. */
const FAR = 999;

/**
 * How a value stands to the one it is compared with; direction and sign say it, never colour alone.
 * @typedef {{direction: "up" | "down" | "flat" | "none", text: string, full: string}} Change
 * @param {string | null | undefined} percent
 * @returns {Change}
 */
export function change(percent) {
  if (percent === null || percent === undefined)
    return { direction: "none", text: NOTHING, full: "" };
  const amount = Number(percent);
  const digits = Math.abs(amount) >= 100 ? 0 : 1;
  const shown = Number(amount.toFixed(digits));
  const beyond = amount < 0 ? `<${percentage(-FAR, 0)}` : `>${percentage(FAR, 0, "never")}`;
  const text = Math.abs(shown) > FAR ? beyond : percentage(amount, digits);
  const direction = shown > 0 ? "up" : shown < 0 ? "down" : "flat";
  return { direction, text, full: percentage(amount, 2) };
}

const percentage = (amount, digits, signDisplay = "exceptZero") =>
  format({
    style: "percent",
    signDisplay,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 100);

/** A share of a whole, in percent. */
export function share(value, total) {
  const part = Number(value) / Number(total);
  const style = { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return Number.isFinite(part) ? format(style).format(part) : NOTHING;
}

/** How far an approximate value may be off: "±0.8 %". */
export function error(relative) {
  const style = { style: "percent", maximumFractionDigits: 1 };
  return relative ? `±${format(style).format(Number(relative))}` : "";
}

/** A count of things. */
export const count = (number) => format().format(number);
