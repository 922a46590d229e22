// Light, dark, or as the system says; and the colours as a canvas needs them.

const CHOICES = ["auto", "light", "dark"];
const KEY = "kpi-theme";
const listeners = new Set();

/** What was chosen: auto, light or dark. */
export const chosen = () => {
  const kept = localStorage.getItem(KEY);
  return CHOICES.includes(kept) ? kept : "auto";
};

/** Chooses the next one, keeps it, and returns it. */
export function cycle() {
  const next = CHOICES[(CHOICES.indexOf(chosen()) + 1) % CHOICES.length];
  localStorage.setItem(KEY, next);
  apply();
  return next;
}

/** Puts the choice on the page; call once at the start. */
export function apply() {
  const choice = chosen();
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const listener of listeners) listener();
}

/** Calls back whenever colours may have changed, by choice or by the system. */
export function onChange(listener) {
  listeners.add(listener);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);

const probe = document.createElement("span");

/**
 * A colour of the style sheet as it is now: `light-dark()` and variables mean nothing to a canvas.
 * @param {string} name of the custom property, such as "--accent"
 * @returns {string} rgb(...)
 */
export function colour(name) {
  if (!probe.isConnected) {
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
