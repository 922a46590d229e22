// The header: whose numbers, how they stand, through when, and the controls.

import { ask, askCsv } from "./api.js";
import { tell, warn } from "./announce.js";
import { h, mark, save, say } from "./dom.js";
import { icon } from "./icons.js";
import { clock, near, offset } from "./moment.js";
import { checkedAge, condition, isFilling } from "./state.js";
import { chosen, cycle } from "./theme.js";
import { onWall, turned } from "./wall.js";
import { title } from "./words.js";

const THEMES = { auto: "auto", light: "sun", dark: "moon" };
const part = (id) => document.getElementById(id);

/** Sets the controls up. @param {() => void} pause pauses, or resumes */
export function controls(pause) {
  part("tv").href = turned();
  part("tv").prepend(icon("screen"));
  part("csv").prepend(icon("download"));
  part("leave").firstElementChild.prepend(icon("leave"));
  part("leave").action += location.search; // whoever signs in again comes back here
  part("csv").addEventListener("click", download);
  part("pause").addEventListener("click", pause);
  part("theme").addEventListener("click", () => shownTheme(cycle()));
  shownTheme(chosen());
  paused(false);
}

function shownTheme(choice) {
  part("theme").replaceChildren(icon(THEMES[choice]), h("span", {}, `Theme: ${choice}`));
}

/** Shows whether the page is paused. */
export function paused(is) {
  part("pause").replaceChildren(
    icon(is ? "play" : "pause"),
    h("span", {}, is ? "Resume" : "Pause"),
  );
}

async function download() {
  try {
    save(await askCsv("/api/v1/snapshot"), "kpis.csv");
  } catch (problem) {
    warn(problem.message);
  }
}

/**
 * The pipeline's name, or a choice if there are several; call it again to learn of new ones.
 * @param {string} current
 */
export async function pipelines(current) {
  const { pipelines: all } = await ask("/api/v1/pipelines");
  part("pipeline").replaceChildren(part("name")); // what was chosen from before
  const several = all.length > 1 && !onWall;
  mark(part("name"), "aria-hidden", several || null); // the choice says it
  if (!several) return;
  const choices = all.map(({ name, status }) => {
    const known = status === "live" || name === current;
    const text = known ? title(name) : `${title(name)} (${status})`;
    return h("option", { value: name, selected: name === current }, text);
  });
  const go = ({ target }) => {
    const search = new URLSearchParams(location.search);
    search.set("pipeline", target.value);
    location.assign(`${location.pathname}?${search}`);
  };
  const chooser = h("select", { "aria-label": "Pipeline", onchange: go }, ...choices);
  part("pipeline").append(icon("below"), chooser); // it lies unseen over the name
}

/**
 * Writes everything that ages; call it each second.
 * @param {import("./state.js").Known} known
 * @param {number} now the server's time
 */
export function update(known, now) {
  const stands = condition(known, now);
  const { snapshot, status } = known;
  const pill = part("pill");
  if (pill.dataset.word !== stands.word) {
    pill.dataset.word = stands.word;
    mark(pill, "data-tone", stands.tone);
    pill.replaceChildren(icon(stands.icon), h("span", {}, stands.word));
    if (stands.key !== "connecting")
      (stands.tone === "bad" ? warn : tell)(`The page is ${stands.word}.`);
  }
  mark(document.documentElement, "data-stands", stands.key);
  mark(document.documentElement, "data-dim", stands.dim ? "" : null);
  notice(stands, status);
  tab(stands, known);
  part("leave").hidden = !status?.may_act;
  const zone = snapshot?.timezone;
  if (zone) say(part("zone"), `${zone} ${offset(now, zone)}`);
  const through = snapshot?.watermark && near(snapshot.watermark, zone, now, true);
  say(part("through"), through ? `Data through ${through}` : "No data yet");
  say(
    part("checked"),
    status?.checked_at ? `checked ${checkedAge(status, now)} ago` : "not checked yet",
  );
  say(
    part("computed"),
    snapshot?.computed_at ? `computed ${clock(snapshot.computed_at, zone)}` : "",
  );
}

/** What a tab says while another one is looked at: what is open, and whether it can be believed. */
function tab({ key, word }, { snapshot, status }) {
  const { critical = 0, warn: warnings = 0 } = status?.open ?? {};
  const open = critical ? `${critical} critical` : warnings ? `${warnings} warning` : "";
  const parts = [open, key === "live" ? "" : word, snapshot && title(snapshot.pipeline), "KPIs"];
  const text = parts.filter(Boolean).join(" · ");
  if (document.title !== text) document.title = text;
}

function notice({ key, tone, icon: name, text }, status) {
  const bar = part("notice");
  const fills = ["building", "live", "quiet"].includes(key) && isFilling(status);
  const shown = fills ? "layers" : name;
  bar.hidden = !text;
  mark(bar, "data-tone", fills ? "info" : tone);
  mark(bar, "data-stands", key);
  if (bar.dataset.icon !== shown) {
    bar.dataset.icon = shown;
    part("notice-icon").replaceChildren(icon(shown));
  }
  say(part("notice-text"), text);
  part("filling").hidden = !fills;
  part("filling").value = fills ? status.building_percent : 0;
}
