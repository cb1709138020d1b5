// Where people stand: a grid over the camera's picture. Counts in cells; nobody's way can be read from it.

import { el, svg } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { csvLink } from "/static/manager/day.js";

const CELL = 24;

/** The grid of one camera's day, and which camera; `choose(camera)` asks for another. */
export function drawHeat(found, choose) {
  return el(
    "section",
    { class: "card picture" },
    el("h2", {}, t("visitors.heat")),
    el("p", { class: "soft small" }, t("visitors.heatHelp")),
    found.cameras.length > 1 &&
      el(
        "select",
        { "aria-label": t("visitors.cameras"), onchange: (event) => choose(event.target.value) },
        found.cameras.map((name) => el("option", { value: name, selected: name === found.camera }, name)),
      ),
    found.person_s.length === 0
      ? el("p", { class: "soft" }, t("visitors.noHeat"))
      : [
          grid(found),
          scale(Math.max(...found.person_s)),
          el("p", { class: "day-files" }, csvLink(`/api/visitors/heat.csv?day=${found.day}&camera=${encodeURIComponent(found.camera)}`)),
        ],
  );
}

/** The grid; whoever hovers, taps or presses the arrow keys reads a cell. */
function grid({ columns, rows, person_s, camera, watched_s: watched }) {
  const most = Math.max(...person_s, 1);
  const all = Math.max(person_s.reduce((sum, one) => sum + one, 0), 1);
  const said = el("p", { class: "chart-said soft number" }, t("heat.read.how"));
  const node = svg("svg", {
    class: "heat",
    viewBox: `0 0 ${columns * CELL} ${rows * CELL}`,
    role: "slider",
    tabindex: 0,
    "data-key": "heat",
    "aria-valuemin": 0,
    "aria-valuemax": person_s.length - 1,
    "aria-valuenow": 0,
    "aria-label": `${t("visitors.heat")}: ${camera}`,
  });
  const placeOf = (index) => ({ x: (index % columns) * CELL, y: Math.floor(index / columns) * CELL });
  person_s.forEach((seconds, index) => {
    // A square root: one place where the cashier's queue stands must not make all others look empty.
    const cell = svg("rect", { ...placeOf(index), width: CELL, height: CELL, class: "heat-cell" });
    cell.style.setProperty("--heat", Math.sqrt(seconds / most).toFixed(3));
    node.append(cell);
  });
  const at = svg("rect", { class: "heat-at", width: CELL, height: CELL, visibility: "hidden" });
  node.append(at);
  let now = person_s.indexOf(Math.max(...person_s));
  const read = (index) => {
    now = Math.min(Math.max(index, 0), person_s.length - 1);
    for (const [name, value] of Object.entries(placeOf(now))) at.setAttribute(name, value);
    at.setAttribute("visibility", "visible");
    const people = watched > 0 ? (person_s[now] / watched).toFixed(2) : "–";
    said.textContent = t("heat.read", { n: person_s[now], share: Math.round((100 * person_s[now]) / all), people });
    node.setAttribute("aria-valuenow", now);
    node.setAttribute("aria-valuetext", said.textContent);
  };
  const under = ({ clientX, clientY }) => {
    const box = node.getBoundingClientRect();
    const column = Math.floor(((clientX - box.left) / box.width) * columns);
    const row = Math.floor(((clientY - box.top) / box.height) * rows);
    if (column >= 0 && column < columns && row >= 0 && row < rows) read(row * columns + column);
  };
  node.addEventListener("pointermove", under);
  node.addEventListener("pointerdown", under);
  node.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!by) return;
    event.preventDefault();
    if (now + by >= 0 && now + by < person_s.length) read(now + by);
  });
  return [node, said];
}

function scale(most) {
  const steps = Array.from({ length: 6 }, (_one, index) => {
    const step = el("i", { class: "heat-step" });
    step.style.setProperty("--heat", index / 5);
    return step;
  });
  return el("p", { class: "heat-scale soft small" }, "0 s", steps, t("heat.most", { n: most }));
}
