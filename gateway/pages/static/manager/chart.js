// Pictures over a day: lines, areas, steps and columns on one axis of hours, with a readout under the finger.

import { el, show, svg } from "/shared/dom.js";
import { locale } from "/shared/i18n.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [58, 12, 14, 28];
const HOUR_MS = 3_600_000;

/** The time of day at the store: pages are read elsewhere, too. */
export const hourIn = (zone) => {
  const format = new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone });
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
 * `format(value)` writes a value; `readout(ms)` says in words what was at a time.
 */
export function dayChart({ from, to, zone, layers, label, format, readout, height = 240, most = null }) {
  const root = el("figure", { class: "chart" });
  const said = el("p", { class: "chart-said soft number", "aria-live": "off" }, "\u00a0");
  const draw = () => {
    const width = Math.max(root.clientWidth || 640, 280);
    const top = roundUp(most ?? Math.max(1, ...layers.flatMap(({ points }) => points.map((point) => point[2] ?? point[1] ?? 0))));
    const x = (ms) => LEFT + ((ms - from) / (to - from)) * (width - LEFT - RIGHT);
    const y = (value) => TOP + (1 - Math.min(value, top) / top) * (height - TOP - BOTTOM);
    const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label, tabindex: 0 });
    axes(node, { from, to, x, y, top, width, height, format, hour: hourIn(zone) });
    for (const layer of layers) node.append(...drawn(layer, x, y, height - BOTTOM));
    const at = svg("line", { class: "chart-at", y1: TOP, y2: height - BOTTOM, visibility: "hidden" });
    node.append(at);
    listen(node, { from, to, width, at, x, say: (ms) => (said.textContent = readout(ms)) });
    show(root, node, said);
  };
  new ResizeObserver(() => {
    if (Math.abs((root.firstChild?.viewBox?.baseVal.width ?? 0) - root.clientWidth) > 2) draw();
  }).observe(root);
  draw();
  return root;
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
    if (last === null || (width && point[0] - last > 3 * width)) found.push([]);
    found.at(-1).push(point);
    last = point[0];
  }
  return found;
}

function listen(node, { from, to, width, at, x, say }) {
  let now = null;
  const point = (ms) => {
    now = Math.min(Math.max(ms, from), to);
    at.setAttribute("x1", x(now));
    at.setAttribute("x2", x(now));
    at.setAttribute("visibility", "visible");
    say(now);
  };
  node.addEventListener("pointermove", (event) => {
    const box = node.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * width;
    point(from + ((across - LEFT) / (width - LEFT - RIGHT)) * (to - from));
  });
  node.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    point((now ?? (from + to) / 2) + (step * (to - from)) / 96);
  });
}

/** What the signs of a picture mean. */
export const legend = (entries) =>
  el(
    "ul",
    { class: "legend" },
    entries.map(([name, text]) => el("li", {}, el("i", { class: `sign ${name}`, "aria-hidden": "true" }), text)),
  );
