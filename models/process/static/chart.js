// Pictures over a day: lines, areas, steps and columns on one axis of hours. Whoever hovers, taps or presses the arrow keys
// reads what was at a time; what nobody counted is hatched.

import { el, show, svg } from "/shared/dom.js";
import { locale } from "/shared/i18n.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [58, 12, 14, 28];
const HOUR_MS = 3_600_000;
const readings = new Map(); // a picture's name → the time that somebody reads in it: a newer picture goes on from there
let patterns = 0;

/** The time of day at the store: pages are read elsewhere, too. */
export const hourIn = (zone) => {
  const format = new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  return (ms) => format.format(ms);
};

/** A number whose half people can read on an axis, too; not below `most`. */
export function roundUp(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1e-9)));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}

/**
 * A picture of a day, `from` to `to` (ms).
 * `layers`: {kind: "line" | "area" | "step" | "columns" | "band", points: [[ms, value, (high)]…], name, width: ms}.
 * `gaps`: [[from, to]…] in which nobody counted. `step`: how far an arrow key goes, in ms.
 * `format(value)` writes a value; `readout(ms)` says in words what was at a time. `label` names it, for people and for `key`.
 */
export function dayChart({ from, to, zone, layers: given, label, format, readout, gaps = [], step, height = 240, most = null, key }) {
  const root = el("figure", { class: "chart" });
  const said = el("p", { class: "chart-said soft number" }, "\u00a0");
  const name = key ?? label;
  // What is compared with may go on when this day has not come so far.
  const within = (points) => points.filter(([ms]) => ms >= from && ms < to);
  const layers = given.map((layer) => ({ ...layer, points: within(layer.points) }));
  const draw = () => {
    const width = Math.max(root.clientWidth || 640, 280);
    const top = roundUp(most ?? Math.max(1, ...layers.flatMap(({ points }) => points.map((point) => point[2] ?? point[1] ?? 0))));
    const x = (ms) => LEFT + ((ms - from) / (to - from)) * (width - LEFT - RIGHT);
    const y = (value) => TOP + (1 - Math.min(value, top) / top) * (height - TOP - BOTTOM);
    const had = root.contains(document.activeElement);
    // A slider is what a screen reader takes for something whose value changes with the arrow keys, and reads out.
    const node = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "slider",
      "aria-label": label,
      "aria-valuemin": 0,
      "aria-valuemax": Math.round((to - from) / 60_000),
      "aria-valuenow": 0,
      tabindex: 0,
      "data-key": `chart-${name}`,
    });
    node.append(...hatched(gaps, { from, to, x, floor: height - BOTTOM }));
    axes(node, { from, to, x, y, top, width, height, format, hour: hourIn(zone) });
    for (const layer of layers) node.append(...drawn(layer, x, y, height - BOTTOM));
    listen(node, { from, to, width, height, x, y, layers, step, name, said, readout });
    show(root, node, said);
    if (had) node.focus({ preventScroll: true });
  };
  new ResizeObserver(() => {
    if (Math.abs((root.firstChild?.viewBox?.baseVal.width ?? 0) - root.clientWidth) > 2) draw();
  }).observe(root);
  draw();
  return root;
}

function hatched(gaps, { from, to, x, floor }) {
  const shown = gaps.map(([begin, end]) => [Math.max(begin, from), Math.min(end, to)]).filter(([begin, end]) => end > begin);
  if (!shown.length) return [];
  const id = `hatch-${(patterns += 1)}`;
  const stripe = svg("path", { d: "M0 8L8 0", class: "hatch-line" });
  const pattern = svg("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" }, stripe);
  return [
    svg("defs", {}, pattern),
    ...shown.map(([begin, end]) =>
      svg("rect", { class: "gap", x: x(begin), y: TOP, width: x(end) - x(begin), height: floor - TOP, fill: `url(#${id})` }),
    ),
  ];
}

function axes(node, { from, to, x, y, top, width, height, format, hour }) {
  for (const share of [0, 0.5, 1]) {
    node.append(svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(share * top), y2: y(share * top) }));
    node.append(svg("text", { x: LEFT - 6, y: y(share * top) + 4, "text-anchor": "end" }, format(share * top)));
  }
  const hours = (to - from) / HOUR_MS;
  const every = [1, 2, 3, 4, 6].find((step) => (hours / step) * 46 <= width - LEFT - RIGHT) ?? 6;
  for (let ms = from; ms <= to; ms += every * HOUR_MS) {
    const anchor = ms >= to ? "end" : "middle";
    node.append(svg("text", { x: x(ms), y: height - 8, "text-anchor": anchor }, hour(ms)));
  }
}

function drawn({ kind, points, name, width = 0 }, x, y, floor) {
  const known = points.filter((point) => point[1] !== null);
  const pair = ([ms, value]) => `${x(ms).toFixed(1)},${y(value).toFixed(1)}`;
  if (kind === "columns")
    return known.map(([ms, value]) =>
      svg("rect", {
        class: `layer columns ${name}`,
        x: x(ms) + 1,
        y: y(value),
        width: Math.max(x(ms + width) - x(ms) - 2, 1),
        height: Math.max(floor - y(value), value > 0 ? 1.5 : 0),
        rx: 2,
      }),
    );
  return runs(points, width).map((found) => {
    // A point alone lasts as long as its bin does: a store that has just begun to count sees that, too. A step does so.
    const isAlone = found.length === 1 && width > 0 && kind !== "step";
    const run = isAlone ? [found[0], [found[0][0] + width, ...found[0].slice(1)]] : found;
    if (kind === "band") {
      const there = run.map(([ms, low]) => pair([ms, low]));
      const back = run.map(([ms, , high]) => pair([ms, high])).reverse();
      return svg("polygon", { class: `layer band ${name}`, points: [...there, ...back].join(" ") });
    }
    const way = kind === "step" ? run.flatMap(([ms, value]) => [[ms, value], [ms + width, value]]) : run;
    const line = way.map(pair).join(" ");
    if (kind !== "area") return svg("polyline", { class: `layer line ${name}`, points: line });
    const ends = [`${x(way[0][0])},${floor}`, `${x(way.at(-1)[0])},${floor}`];
    return svg("polygon", { class: `layer area ${name}`, points: `${ends[0]} ${line} ${ends[1]}` });
  });
}

/** Stretches without a gap: where nobody said anything, nothing is drawn. */
function runs(points, width) {
  const found = [];
  let last = null;
  for (const point of points) {
    if (point[1] === null) {
      last = null;
      continue;
    }
    if (last === null || (width && point[0] - last > 1.5 * width)) found.push([]);
    found.at(-1).push(point);
    last = point[0];
  }
  return found;
}

function listen(node, { from, to, width, height, x, y, layers, step, name, said, readout }) {
  const at = svg("line", { class: "chart-at", y1: TOP, y2: height - BOTTOM, visibility: "hidden" });
  const dots = layers
    .filter(({ kind }) => kind === "line")
    .map((layer) => ({ layer, dot: svg("circle", { class: `dot ${layer.name}`, r: 4.5, visibility: "hidden" }) }));
  node.append(at, ...dots.map(({ dot }) => dot));
  const point = (ms) => {
    const now = Math.min(Math.max(ms, from), to - 1);
    readings.set(name, now);
    at.setAttribute("x1", x(now));
    at.setAttribute("x2", x(now));
    at.setAttribute("visibility", "visible");
    for (const { layer, dot } of dots) {
      const near = layer.points.find(([t, value]) => value !== null && t <= now && now < t + (layer.width || 1));
      dot.setAttribute("visibility", near ? "visible" : "hidden");
      if (near) dot.setAttribute("cx", x(near[0])), dot.setAttribute("cy", y(near[1]));
    }
    said.textContent = readout(now);
    node.setAttribute("aria-valuenow", Math.round((now - from) / 60_000));
    node.setAttribute("aria-valuetext", said.textContent);
  };
  const under = (event) => {
    const box = node.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * width;
    point(from + ((across - LEFT) / (width - LEFT - RIGHT)) * (to - from));
  };
  node.addEventListener("pointermove", under);
  node.addEventListener("pointerdown", under); // a tap moves nothing
  const every = step ?? (to - from) / 96;
  node.addEventListener("keydown", (event) => {
    const now = readings.get(name) ?? (from + to) / 2;
    const next = { ArrowLeft: now - every, ArrowRight: now + every, PageUp: now + HOUR_MS, PageDown: now - HOUR_MS, Home: from, End: to }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    point(next);
  });
  const before = readings.get(name);
  if (before !== undefined && before >= from && before < to) point(before);
}

/** What the signs of a picture mean. */
export const legend = (entries) =>
  el(
    "ul",
    { class: "legend" },
    entries.map(([name, text]) => el("li", {}, el("i", { class: `sign ${name}`, "aria-hidden": "true" }), text)),
  );

/** The same as numbers, folded: for whoever reads rows, copies them or does not see pictures. */
export const numbers = (summary, heads, rows, key) =>
  el(
    "details",
    { class: "numbers", data: { key: `numbers-${key}` } },
    el("summary", {}, summary),
    el(
      "div",
      { class: "numbers-scroll", tabindex: 0, role: "region", "aria-label": summary },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
        el(
          "tbody",
          {},
          rows.map(([first, ...cells]) =>
            el("tr", {}, el("th", { scope: "row" }, first), cells.map((cell) => el("td", { class: "number" }, cell))),
          ),
        ),
      ),
    ),
  );
