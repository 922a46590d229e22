// Corrections that follow one another within an hour, as one. Pure.

/**
 * Events, newest first, with a run of corrections of one hour as its newest; that then says how
 * many they were, and when the first of them was.
 * @param {object[]} events of one day
 * @param {(at: string) => string} hour of a moment
 * @returns {(object & {times?: number, from?: string})[]}
 */
export function folded(events, hour) {
  const kept = [];
  for (const event of events) {
    const last = kept.at(-1);
    const both = last?.kind === "correction" && event.kind === "correction";
    if (both && hour(last.at) === hour(event.at))
      kept[kept.length - 1] = { ...last, times: (last.times ?? 1) + 1, from: event.at };
    else kept.push(event);
  }
  return kept;
}
