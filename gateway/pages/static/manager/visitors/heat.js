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
          el("p", {}, csvLink(`/api/visitors/heat.csv?day=${found.day}&camera=${encodeURIComponent(found.camera)}`)),
        ],
  );
}

function grid({ columns, rows, person_s, camera }) {
  const most = Math.max(...person_s, 1);
  const node = svg("svg", {
    class: "heat",
    viewBox: `0 0 ${columns * CELL} ${rows * CELL}`,
    role: "img",
    "aria-label": `${t("visitors.heat")}: ${camera}`,
  });
  person_s.forEach((seconds, index) => {
    const place = { x: (index % columns) * CELL, y: Math.floor(index / columns) * CELL };
    // A square root: one place where the cashier's queue stands must not make all others look empty.
    const cell = svg("rect", { ...place, width: CELL, height: CELL, class: "heat-cell" });
    cell.style.setProperty("--heat", Math.sqrt(seconds / most).toFixed(3));
    if (seconds > 0) cell.append(svg("title", {}, t("seconds", { n: seconds })));
    node.append(cell);
  });
  return node;
}

function scale(most) {
  const steps = Array.from({ length: 6 }, (_one, index) => {
    const step = el("i", { class: "heat-step" });
    step.style.setProperty("--heat", index / 5);
    return step;
  });
  return el("p", { class: "heat-scale soft small" }, "0 s", steps, t("heat.most", { n: most }));
}
