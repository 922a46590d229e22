// The server's clock, carried on locally between its statuses.

/**
 * Counts on from the last `now` that the server said. The viewer's clock is used for what passed
 * since then only, never for what time it is; the larger of two elapsed times counts, because one
 * of them stands still while a machine sleeps, and an age must not be shown too small.
 */
export class ServerClock {
  #said = Date.now();
  #ticks = performance.now();
  #wall = Date.now();

  /** @param {string} now of a status that has just arrived */
  set(now) {
    this.#said = Date.parse(now);
    this.#ticks = performance.now();
    this.#wall = Date.now();
  }

  /** @returns {number} the server's time now, in milliseconds */
  now() {
    return this.#said + Math.max(performance.now() - this.#ticks, Date.now() - this.#wall);
  }
}
