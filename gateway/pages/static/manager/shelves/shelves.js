// The view of the shelves: the wall, one shelf, its plan, or the whole plan; news change only what they name.

import { call } from "/shared/api.js";
import { byId, show } from "/shared/dom.js";
import { Feed } from "/static/manager/data.js";
import { drawPlanOfShelf, planLoad } from "/static/manager/plan/editor.js";
import { drawWholePlan } from "/static/manager/plan/whole.js";
import { drawShelf } from "/static/manager/shelves/detail.js";
import { drawWall } from "/static/manager/shelves/wall.js";
import "/static/manager/shelves/words.js";
import { whereTo } from "/static/manager/views.js";

const EVERY_MS = 10_000;
const MOST_NAMED = 60; // of more changed products than these everything is asked for
const GATHER_MS = 400;

/** All shelves. */
export const wallFeed = new Feed("/api/shelves");
let shelfFeed = null;
let loadedAt = 0;
let changed = new Set();
let gathering = null;
let shown = ""; // which of its pages the view shows: each finds an empty place

let turn = Promise.resolve();

/** One question about the wall at a time: an older answer must not take the place of a newer one. */
function inTurn(ask) {
  const asked = turn.then(ask);
  turn = asked.catch(() => null);
  return asked;
}

function feedOf(shelf) {
  const path = `/api/shelves/${encodeURIComponent(shelf)}`;
  if (shelfFeed?.path !== path) shelfFeed = new Feed(path);
  return shelfFeed;
}

async function load({ args: [shelf, page], isPlan }) {
  loadedAt = Date.now();
  if (isPlan || page === "plan") return planLoad(shelf);
  return shelf ? feedOf(shelf).load() : inTurn(() => wallFeed.load());
}

function draw(root, { args: [shelf, page], isWall, isPlan }) {
  const asked = JSON.stringify([shelf, page, isPlan]);
  if (asked !== shown) show(root);
  shown = asked;
  if (isPlan) drawWholePlan(root);
  else if (page === "plan") drawPlanOfShelf(root, shelf);
  else if (shelf) drawShelf(root, shelf, feedOf(shelf));
  else drawWall(root, wallFeed, { isWall });
}

/** Ask only for the shelves where these products stand or stood, and put them in their places. */
async function askChanged() {
  const gtins = [...changed];
  changed = new Set();
  if (!wallFeed.value || !gtins.length || gtins.length > MOST_NAMED) {
    await wallFeed.load();
    return;
  }
  const held = wallFeed.value.shelves.filter(({ products }) => products.some(({ gtin }) => gtins.includes(gtin)));
  const query = new URLSearchParams([
    ...gtins.map((gtin) => ["gtin", gtin]),
    ...held.map(({ shelf }) => ["shelf", shelf]),
  ]);
  const { shelves } = await call("GET", `/api/shelves?${query}`);
  const asked = new Set([...held, ...shelves].map(({ shelf }) => shelf));
  wallFeed.value.shelves = [...wallFeed.value.shelves.filter(({ shelf }) => !asked.has(shelf)), ...shelves];
}

/** Bring the wall up to date. Somebody may have gone to another page meanwhile: what is open now is drawn. */
async function follow() {
  gathering = null;
  try {
    await inTurn(askChanged);
  } catch {
    loadedAt = 0; // what cannot be asked now, the next round brings
    return;
  }
  const open = whereTo();
  if (open.name === "shelves") draw(byId("view-shelves"), open);
}

function news(name, data, open) {
  const isPlan = open.isPlan || open.args[1] === "plan";
  if (isPlan || !["stock", "status"].includes(name)) return "";
  if (open.args[0]) return "load";
  if (name === "status") return Date.now() - loadedAt > EVERY_MS / 4 ? "load" : "";
  if (!data.gtins.length) return "load";
  data.gtins.forEach((gtin) => changed.add(gtin));
  gathering ??= setTimeout(follow, GATHER_MS); // a burst of facts is one question
  return "";
}

export const shelves = {
  load,
  draw,
  news,
  isDue: () => Date.now() - loadedAt > EVERY_MS,
};
