// Little pictures of shelves: how full one is, and from which to which an item belongs.

import { el, svg } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { sign } from "/static/handheld/places.js";

const BAY = 34; // a facing's width and height, in the picture's own units
const GAP = 5;
const MOST_BAYS = 12;
const MOST_ROWS = 6;

/** How full a shelf is, in one word: the words of the API, worked out here where it does not say. */
export function levelOf({ standing, capacity, low }) {
  if (standing <= 0) return "empty";
  if (standing <= low) return "low";
  return standing > capacity ? "over" : "ok";
}

/** Pieces in each of `bays` facings when `standing` are drawn up to the front evenly. */
const spread = (standing, bays) =>
  Array.from({ length: bays }, (_, at) => Math.floor((standing + bays - 1 - at) / bays));

/** One facing: single boxes where they are few, else a block as high as it is full. */
function bay(at, pieces, depth) {
  const x = at * (BAY + GAP);
  const frame = svg("rect", { x, y: 0, width: BAY, height: BAY, rx: 4, class: "frame" });
  if (depth > MOST_ROWS) {
    const height = BAY * Math.min(1, pieces / depth);
    return [frame, svg("rect", { x, y: BAY - height, width: BAY, height, rx: 4, class: "piece" })];
  }
  const row = BAY / depth;
  const boxes = Array.from({ length: Math.min(pieces, depth) }, (_, up) =>
    svg("rect", { x, y: BAY - (up + 1) * row + 1, width: BAY, height: row - 2, rx: 3, class: "piece" }),
  );
  return [frame, boxes];
}

/** The shelf as one stands before it: a bay for each facing, filled as far as pieces stand there. */
export function board({ facings, capacity, standing, low = 0 }) {
  const bays = Math.max(1, Math.min(MOST_BAYS, facings || 1));
  const depth = Math.max(1, Math.ceil(capacity / bays));
  const width = bays * (BAY + GAP) - GAP;
  return svg(
    "svg",
    {
      viewBox: `-4 -2 ${width + 8} ${BAY + 10}`,
      class: `board is-${levelOf({ standing, capacity, low })}`,
      role: "img",
      "aria-label": t("strip.of", { n: standing, capacity }),
    },
    spread(Math.min(standing, capacity), bays).map((pieces, at) => bay(at, pieces, depth)),
    svg("path", { d: `M-3 ${BAY + 5}h${width + 6}`, class: "plank" }),
  );
}

const boxes = (skip, kind) =>
  [0, 1, 2, 3].map((at) =>
    svg("rect", { x: at * 21, y: 8, width: 18, height: 26, rx: 4, class: at === skip ? kind : "piece" }),
  );

const shelf = (skip, kind, mark) =>
  svg(
    "svg",
    { viewBox: "-3 -10 86 54", class: "board two", "aria-hidden": "true" },
    boxes(skip, kind),
    svg("path", { d: mark, class: `mark ${kind}` }),
    svg("path", { d: "M-2 39h84", class: "plank" }),
  );

/** Where something stands and where it belongs, side by side: one box too many here, one place free there. */
export function fromTo(from, to) {
  return el(
    "div",
    { class: "from-to" },
    el("figure", {}, shelf(1, "wrong", "M26 -2l8 7M34 -2l-8 7"), el("figcaption", {}, sign(from, "warn"))),
    svg(
      "svg",
      { viewBox: "0 0 40 20", class: "way", "aria-hidden": "true" },
      svg("path", { d: "M3 10h32M27 3l8 7-8 7" }),
    ),
    el("figure", {}, shelf(2, "free", "M46 1l4 4 7-8"), el("figcaption", {}, sign(to, "go"))),
  );
}
