// What the server pushes: /stream, tried again when it breaks, or asked for where it cannot work.

import { address, ask, askAgain } from "./api.js";
import { EVENTS, take } from "./first.js";

const SILENCE = 40_000; // a status comes every 15 s; without any for so long the line is dead
const POLL = 15_000;
const HOPELESS = 3; // so many times not once opened, though the API answers: something eats streams

/**
 * Follows the server until it is paused, and again from when it is resumed.
 * Calls `heard(event, data)` with what it says, and `stands(connection)` when that changes.
 */
export class Stream {
  #source = null;
  #timer = 0;
  #watchdog = 0;
  #failures = 0;
  #opened = false;
  #etag = null;
  #turn = 0;
  #why = "";

  /**
   * @param {(event: string, data: object) => void} heard
   * @param {(connection: import("./state.js").Connection, why?: string) => void} stands
   */
  constructor(heard, stands) {
    this.heard = heard;
    this.stands = stands;
  }

  /** Connects, or connects again. */
  start() {
    this.#stop();
    const { source, said } = take() ?? { source: new EventSource(address("/stream")), said: [] };
    this.#source = source;
    this.#watch();
    source.addEventListener("open", () => this.#open());
    source.addEventListener("error", () => this.#lost());
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => this.#hear(event));
    }
    if (source.readyState === EventSource.OPEN) this.#open();
    if (source.readyState === EventSource.CLOSED) this.#lost();
    for (const event of said) this.#hear(event);
  }

  #hear({ type, data }) {
    this.#watch();
    this.heard(type, JSON.parse(data));
  }

  /** Says nothing more until it is started again. */
  pause() {
    this.#stop();
    this.stands("paused");
  }

  #open() {
    this.#failures = 0;
    this.#opened = true;
    this.stands("open");
  }

  /** The browser's own way of trying again never says how long it waits, so it is ours. */
  async #lost() {
    this.#stop();
    this.#failures += 1;
    if (!this.#opened && this.#failures >= HOPELESS) return this.#poll();
    if (!this.#opened) return this.#instead();
    this.stands("lost");
    this.#again();
    await ask("/api/v1/status").catch(() => {}); // goes to the login page if a token has expired
  }

  /** Where a stream has never been, what it would have said is asked for meanwhile. */
  async #instead() {
    const turn = this.#turn;
    const connection = await this.#asked();
    if (turn !== this.#turn) return;
    this.stands(connection, this.#why);
    this.#again();
  }

  #again() {
    const patience = Math.min(1000 * 2 ** (this.#failures - 1), POLL);
    this.#timer = setTimeout(() => this.start(), patience * (0.75 + Math.random() / 2));
  }

  async #poll() {
    const turn = this.#turn;
    const connection = await this.#asked();
    if (turn !== this.#turn) return; // paused meanwhile
    this.stands(connection, this.#why);
    this.#timer = setTimeout(() => this.#poll(), POLL);
  }

  async #asked() {
    try {
      const changed = await askAgain("/api/v1/snapshot", this.#etag);
      const [status, alerts] = await Promise.all([ask("/api/v1/status"), ask("/api/v1/alerts")]);
      if (changed) this.heard("snapshot", changed.body);
      this.#etag = changed?.etag ?? this.#etag;
      this.heard("status", status);
      this.heard("alerts", alerts);
      return "polling";
    } catch (problem) {
      this.#why = problem.status === 404 ? problem.message : ""; // the address is wrong: it says how
      return "lost";
    }
  }

  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(), SILENCE);
  }

  #stop() {
    this.#turn += 1;
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
  }
}
