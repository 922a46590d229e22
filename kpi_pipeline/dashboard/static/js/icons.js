// The page's icons: 16 by 16, drawn in the colour of the text around them.

const PATHS = {
  octagon: "M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2zM8 4.5v4.2M8 11.3v.1",
  triangle: "M8 1.8 15 14H1zM8 6v4M8 12v.1",
  hourglass: "M4 1.5h8M4 14.5h8M5 1.5v3L8 8l3-3.5v-3M5 14.5v-3L8 8l3 3.5v3",
  question: "M5.6 5.8a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.9M8 12.2v.1",
  check: "m3 8.5 3.3 3.3L13 5",
  minus: "M4 8h8",
  up: "M8 13V3M3.5 7.5 8 3l4.5 4.5",
  down: "M8 3v10M3.5 8.5 8 13l4.5-4.5",
  flat: "M3 6h10M3 10h10",
  dot: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  moon: "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z",
  clock: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.6V8l2.4 1.6",
  unplugged: "M2 2l12 12M5.5 5.5 4 7a4 4 0 0 0 5 5l1.5-1.5M9 4l1-1a4 4 0 0 1 3.5 6",
  cross: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  layers: "M8 1.8 14.5 5 8 8.3 1.5 5zM1.5 8 8 11.3 14.5 8M1.5 11 8 14.3 14.5 11",
  ring: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
  pause: "M5.5 3v10M10.5 3v10",
  play: "M4.5 2.8v10.4L13 8z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.4M8 13.6V15M1 8h1.4M13.6 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  auto: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M8 5l4.9-.8M8 8h6M8 11l4.9.8",
  screen: "M1.5 3h13v8.5h-13zM5 14.2h6",
  download: "M8 2v8M4.5 6.8 8 10.3l3.5-3.5M2.5 13.5h11",
  shield:
    "M8 1.5 13.5 3.6v4c0 3.4-2.2 5.8-5.5 6.9-3.3-1.1-5.5-3.5-5.5-6.9v-4zM5.5 8l1.8 1.8L10.8 6",
  table: "M1.8 3h12.4v10H1.8zM1.8 6.4h12.4M1.8 9.7h12.4M6.5 3v10",
  chart: "M2 2v12h12M4.5 10.5l3-3.5 2.5 2L14 4.5",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  mute: "M4.2 6.5a3.8 3.8 0 0 1 7.6 0c0 4 1.7 4.9 1.7 4.9h-11s1.7-.9 1.7-4.9M6.7 13.6a1.5 1.5 0 0 0 2.6 0M2 2l12 12",
  bell: "M4.2 6.5a3.8 3.8 0 0 1 7.6 0c0 4 1.7 4.9 1.7 4.9h-11s1.7-.9 1.7-4.9M6.7 13.6a1.5 1.5 0 0 0 2.6 0",
  rewind: "M2.5 8a5.5 5.5 0 1 0 1.8-4.1L2.5 5.5M2.5 2v3.5H6",
  pencil: "M10.8 2.6l2.6 2.6L5.5 13l-3.2.7.6-3.3z",
  leave: "M6.5 2.5h-4v11h4M6 8h8M10.8 4.8 14 8l-3.2 3.2",
  below: "M4 6l4 4 4-4",
  right: "M6 3l5 5-5 5",
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * An icon; words beside it say the same, so it is hidden from who listens.
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const shape = { viewBox: "0 0 16 16", class: `icon icon-${name}`, "aria-hidden": "true" };
  for (const [key, value] of Object.entries(shape)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
