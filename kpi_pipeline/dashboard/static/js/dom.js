// Elements without markup: text of people only ever becomes text.

/**
 * An element with its attributes, listeners (`onclick`) and children.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] null and false leave one out
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child || child === ""));
  return element;
}

/** Writes a text only where it differs, so that nothing flickers and selections stay. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute, or takes it away with null. */
export function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** A link that leaves the page; nothing but http(s) becomes one. */
export function away(address, ...text) {
  if (!/^https?:\/\//i.test(address ?? "")) return null;
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...text);
}

/** Hands a file to the browser to be saved. */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * Puts a list of elements in place of what is there, keeping those that are the same.
 * @param {Element} parent
 * @param {Element[]} children
 */
export function arrange(parent, children) {
  const same =
    parent.children.length === children.length &&
    children.every((child, at) => parent.children[at] === child);
  if (!same) parent.replaceChildren(...children);
}

/**
 * Renders anew what may hold the focus, and gives it back.
 * @param {Element} parent
 * @param {() => void} render
 */
export function keepFocus(parent, render) {
  const back = parent.contains(document.activeElement) ? focused() : () => {};
  render();
  back();
}

/**
 * Remembers what has the focus; what is returned gives it back, to what then has the same
 * `data-focus`, or else to what is left of its `data-row`, or else to the numbers.
 * @returns {() => void}
 */
export function focused() {
  const element = document.activeElement;
  const { focus: key } = element.dataset;
  const row = element.closest("[data-row]")?.dataset.row;
  const named = (name, value) =>
    value && document.querySelector(`[data-${name}="${CSS.escape(value)}"]`);
  return () => {
    const same = element.isConnected ? element : named("focus", key);
    const next = same || named("row", row)?.querySelector("button");
    (next || document.getElementById("main")).focus({ preventScroll: true });
  };
}
