// Whether the numbers can be trusted: the badge of the last proof, and all clocks behind a click.

import { facts, open } from "./dialog.js";
import { h, mark } from "./dom.js";
import { icon } from "./icons.js";
import { exact, near } from "./moment.js";

const PROOFS = {
  verified: ["Verified", "shield"],
  drift: ["Drift", "triangle"],
  none: ["Not verified yet", "question"],
};

/** The badge of the last proof. */
export class Trust {
  /** @param {HTMLElement} button */
  constructor(button) {
    this.button = button;
    this.known = null;
    button.addEventListener("click", () => this.known?.status && show(this.known));
  }

  /** @param {import("./state.js").Known} known */
  update(known, now) {
    const { status, snapshot } = known;
    this.known = known;
    mark(this.button, "hidden", !status?.proof);
    if (!status?.proof) return;
    const { state, at, difference } = status.proof;
    const [word, name] = PROOFS[state] ?? PROOFS.none;
    const when = at && snapshot ? ` ${near(at, snapshot.timezone, now)}` : "";
    const by = state === "none" || difference === null ? "" : `, difference ${difference}`;
    const text = `${word}${when}${by}`;
    if (this.button.dataset.said === text) return;
    this.button.dataset.said = text;
    mark(this.button, "data-proof", state);
    this.button.replaceChildren(icon(name), h("span", {}, text));
  }
}

/** Everything that says how far the numbers hold. */
function show({ status, snapshot }) {
  const at = (moment) => moment && snapshot && exact(moment, snapshot.timezone);
  open(
    "Can these numbers be trusted?",
    facts([
      ["State", status.reason],
      [
        "Data through",
        at(snapshot?.watermark) && `${at(snapshot.watermark)}: the newest row that is counted`,
      ],
      [
        "Checked",
        at(status.checked_at) && `${at(status.checked_at)}: the last good look at the source`,
      ],
      [
        "Computed",
        at(snapshot?.computed_at) && `${at(snapshot.computed_at)}: when something last changed`,
      ],
      ["Guarantee", snapshot?.guarantee],
      ["Proof", status.proof.text],
      [
        "Waiting",
        snapshot?.backlog_minutes
          ? `${snapshot.backlog_minutes} minutes of data wait to be folded`
          : "nothing waits",
      ],
      [
        "In the future",
        snapshot?.future_rows ? `${snapshot.future_rows} rows are dated later than now` : null,
      ],
      ["Revision", snapshot && h("code", {}, snapshot.id)],
      ["Definition", snapshot && h("code", {}, snapshot.definition_hash)],
      ["Time zone", snapshot?.timezone],
    ]),
  );
}
