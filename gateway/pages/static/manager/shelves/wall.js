// The wall of shelves: every shelf as a tile, by aisle; to be read while walking past, or hung up alone.

import { el, icon, show } from "/shared/dom.js";
import { language, t } from "/shared/i18n.js";
import { standIn, whenChanged } from "/static/manager/data.js";
import { legend } from "/static/manager/shelves/picture.js";
import { Tile, backRoomTile, isSilent, needsWork } from "/static/manager/shelves/tile.js";

const FILTERS = { all: () => true, work: needsWork, silent: isSilent };
const TILE_SHAPE = 1.55; // a tile's width to its height where the wall hangs alone

let chosen = "all";
let sought = "";
const tiles = new Map();
let frame = null; // what is drawn once and then kept, so that nobody's search loses its focus

/** Which aisle a shelf stands in: the letters that its name begins with. */
export const aisleOf = (shelf) => shelf.match(/^[^\d]+/)?.[0].replace(/[-_. ]+$/, "") || "#";

const byName = (a, b) => a.shelf.localeCompare(b.shelf, "en", { numeric: true });

function isSought(shelf) {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return true;
  const text = [shelf.shelf, ...shelf.products.flatMap((one) => [one.gtin, one.name_en, one.name_zh])]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function makeFrame(root, redraw) {
  const search = el("input", {
    type: "search",
    value: sought,
    placeholder: t("wall.search"),
    "aria-label": t("wall.search"),
    oninput: ({ target }) => {
      sought = target.value;
      redraw();
    },
  });
  frame = {
    language: language(),
    filters: el("div", { class: "choices", role: "group", "aria-label": t("wall.filter") }),
    place: el("div", { class: "aisles" }),
    said: el("p", { class: "wall-said", role: "status" }),
  };
  show(
    root,
    el(
      "div",
      { class: "tools" },
      frame.filters,
      el("div", { class: "grow search" }, search),
      el("a", { class: "button", href: "#plan" }, icon("list", 20), t("plan.all")),
      el(
        "a",
        {
          class: "button wall-key",
          href: "#wall",
          // A browser that does not let us hang it up without its own frame shows the wall all the same.
          onclick: () => document.documentElement.requestFullscreen?.().catch(() => {}),
        },
        icon("full", 20),
        t("wall.alone"),
      ),
    ),
    el(
      "div",
      { class: "wall-head" },
      frame.said,
      el("a", { class: "button quiet", href: "#shelves", "aria-label": t("wall.leave") }, icon("cross", 22)),
    ),
    frame.place,
    el("details", { class: "wall-legend" }, el("summary", {}, t("legend")), legend()),
  );
}

function drawFilters(counts, redraw) {
  show(
    frame.filters,
    Object.keys(FILTERS).map((name, at) =>
      el(
        "button",
        {
          type: "button",
          class: "choice",
          "aria-pressed": String(name === chosen),
          onclick: () => {
            chosen = name;
            redraw();
          },
        },
        t(`wall.${name}`),
        el("b", { class: "number" }, counts[at]),
      ),
    ),
  );
}

function summary(shelves) {
  const work = shelves.filter(needsWork).length;
  const silent = shelves.filter(isSilent).length;
  const said = [t("wall.shelves", { n: shelves.length })];
  said.push(work ? t("wall.work.n", { n: work }) : t("wall.work.none"));
  if (silent) said.push(t("wall.silent.n", { n: silent }));
  return said.join(" · ");
}

/** Put tiles where they belong without touching those that stand there already: moving one would lose its focus. */
function arrange(list, nodes) {
  nodes.forEach((node, at) => list.children[at] !== node && list.insertBefore(node, list.children[at] ?? null));
  while (list.children.length > nodes.length) list.lastElementChild.remove();
}

function tileOf(shelf) {
  if (!tiles.has(shelf.shelf)) tiles.set(shelf.shelf, new Tile());
  const tile = tiles.get(shelf.shelf);
  tile.update(shelf, language());
  return tile.node;
}

function drawAisles(shown, room) {
  const wanted = [...byAisle(shown)].map(([aisle, list]) => section(aisle, list));
  if (room && chosen === "all") {
    const node = part("back-room", "");
    show(node.list, el("li", {}, backRoomTile(room)));
    wanted.push(node.root);
  }
  arrange(frame.place, wanted);
}

function byAisle(shelves) {
  const aisles = new Map();
  for (const shelf of shelves) aisles.set(aisleOf(shelf.shelf), [...(aisles.get(aisleOf(shelf.shelf)) ?? []), shelf]);
  return aisles;
}

function part(key, heading) {
  frame.parts ??= new Map();
  if (!frame.parts.has(key)) {
    const list = el("ul", { class: "tiles" });
    frame.parts.set(key, { list, root: el("section", { class: "aisle" }, heading && el("h2", {}, heading), list) });
  }
  return frame.parts.get(key);
}

function section(aisle, list) {
  const { list: place, root } = part(
    `aisle ${aisle}`,
    aisle === "#" ? t("wall.no-aisle") : t("wall.aisle", { aisle }),
  );
  arrange(place, list.map(tileOf));
  return root;
}

/** How many columns let `n` tiles fill the screen best. */
function columnsFor(n) {
  const room = innerWidth / Math.max(innerHeight - 90, 200);
  return Math.max(1, Math.min(n, Math.round(Math.sqrt((n * room) / TILE_SHAPE))));
}

/** Draw the wall. `isWall` hides everything else and makes the tiles fill the screen. */
export function drawWall(root, feed, { isWall }) {
  const redraw = () => drawWall(root, feed, { isWall });
  const missing = standIn(feed, redraw);
  if (missing) {
    frame = null;
    show(root, missing);
    return;
  }
  if (!frame?.place.isConnected || frame.language !== language()) makeFrame(root, redraw);
  const { shelves, back_room: room } = feed.value;
  const counts = Object.values(FILTERS).map((fits) => shelves.filter(fits).length);
  whenChanged(frame.filters, [chosen, counts], () => drawFilters(counts, redraw));
  frame.said.textContent = summary(shelves);
  const shown = [...shelves].sort(byName).filter((one) => isWall || (FILTERS[chosen](one) && isSought(one)));
  for (const name of tiles.keys()) if (!shelves.some(({ shelf }) => shelf === name)) tiles.delete(name);
  frame.place.style.setProperty("--columns", columnsFor(shown.length));
  frame.place.style.setProperty("--rows", Math.ceil(shown.length / columnsFor(shown.length)));
  if (!shown.length) show(frame.place, nothing(shelves));
  else {
    frame.place.querySelector(":scope > .empty")?.remove();
    drawAisles(shown, sought || isWall ? null : room);
  }
}

function nothing(shelves) {
  if (!shelves.length)
    return el(
      "div",
      { class: "empty" },
      icon("shelf", 72),
      el("p", {}, t("wall.none")),
      el("p", {}, t("wall.none.do")),
    );
  const text = sought ? t("wall.not-found", { text: sought }) : t(`wall.${chosen}.none-shown`);
  return el("div", { class: "empty" }, icon(sought ? "search" : "check", 72), el("p", {}, text));
}
