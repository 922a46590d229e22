// Exact arithmetic on the decimal strings of the API; a float never holds an amount here.

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * A decimal as a whole number of 10^-scale.
 * @typedef {{units: bigint, scale: number}} Decimal
 */

/**
 * Reads "-12.50", "1E+3".
 * @param {string} text
 * @returns {Decimal}
 */
export function parse(text) {
  const [, sign, whole, part = "", power = "0"] = SHAPE.exec(text) ?? fail(text);
  const units = BigInt(`${whole}${part}` || "0") * (sign === "-" ? -1n : 1n);
  const scale = part.length - Number(power);
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
}

/** @returns {never} */
function fail(text) {
  throw new RangeError(`${text} is no decimal`);
}

/**
 * The sum of decimals, as a decimal; nulls count as nothing.
 * @param {(string | null)[]} texts
 * @returns {string}
 */
export function sum(texts) {
  const parts = texts.filter((text) => text !== null).map(parse);
  const scale = Math.max(0, ...parts.map((part) => part.scale));
  return write(
    parts.reduce((total, part) => total + raise(part, scale), 0n),
    scale,
  );
}

/** Whether two decimals are the same number, however they are written. */
export function equal(one, other) {
  const [a, b] = [parse(one), parse(other)];
  const scale = Math.max(a.scale, b.scale);
  return raise(a, scale) === raise(b, scale);
}

/**
 * The change from one decimal to another in percent, with two places; null from zero.
 * @param {string} value
 * @param {string} before
 * @returns {string | null}
 */
export function changed(value, before) {
  const [a, b] = [parse(value), parse(before)];
  const scale = Math.max(a.scale, b.scale);
  const base = raise(b, scale);
  if (base === 0n) return null;
  return write(((raise(a, scale) - base) * 10000n) / (base < 0n ? -base : base), 2);
}

const raise = ({ units, scale }, to) => units * 10n ** BigInt(to - scale);

function write(units, scale) {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const cut = digits.length - scale;
  const text = scale ? `${digits.slice(0, cut)}.${digits.slice(cut)}` : digits;
  return units < 0n ? `-${text}` : text;
}
