// The lines of a chart, made of a series. Pure.

/**
 * The lines of a chart: hours that have not begun have no value, and the one that runs is apart.
 * @returns {import("./plot.js").Lines}
 */
export function linesOf({ points, before: earlier }, asOf) {
  const starts = points.map(({ start }) => Date.parse(start));
  const values = points.map(({ value }, at) =>
    value === null || starts[at] > asOf ? null : Number(value),
  );
  const running = starts.findLastIndex((start) => start <= asOf);
  return {
    at: starts.map((start) => start / 1000),
    before: points.map((_, at) => (earlier[at]?.value == null ? null : Number(earlier[at].value))),
    today: values.map((value, at) => (at < running ? value : null)),
    running: values.map((value, at) => (at === running || at === running - 1 ? value : null)),
  };
}
