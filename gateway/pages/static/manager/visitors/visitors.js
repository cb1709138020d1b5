// The view of visitors: who came when by which door, how many bought, how long they stayed where, and how sure counts are.

import { byId, el, show } from "/shared/dom.js";
import { language } from "/shared/i18n.js";
import { Feed, standIn } from "/static/manager/data.js";
import { DayTools, isLate, keepingFocus } from "/static/manager/day.js";
import { cameras, drawCameras, links } from "/static/manager/visitors/cameras.js";
import { drawHeat } from "/static/manager/visitors/heat.js";
import { drawDay, driftCard } from "/static/manager/visitors/pictures.js";
import { drawZones } from "/static/manager/visitors/zones.js";
import "/static/manager/queues/words.js";
import "/static/manager/visitors/words.js";

const EVERY_MS = 30_000;

const visitors = new Feed("/api/visitors/day");
const other = new Feed("/api/visitors/compare");
const zones = new Feed("/api/visitors/zones");
const heat = new Feed("/api/visitors/heat");
const tools = new DayTools("visitors");
let camera = "";
let loadedAt = 0;
let frame = null;
let shown = {};

async function load({ args = [] } = {}) {
  loadedAt = Date.now();
  if (tools.turn(args[0])) for (const feed of [visitors, other, zones, heat]) feed.clear();
  const query = `?${tools.query.slice(1)}`;
  await Promise.all([
    visitors.load(query),
    zones.load(query),
    heat.load(camera ? `${query}&camera=${encodeURIComponent(camera)}` : query),
    cameras.load(),
    tools.compared ? other.load(`${query}&with=${tools.compared}`) : other.clear(),
  ]);
  tools.learn(visitors.value);
}

const again = () => load({ args: [tools.day] }).then(() => draw(byId("view-visitors")));

function part(name, feeds, root, drawing) {
  const [feed] = feeds;
  const now = JSON.stringify([language(), feeds.map(({ value }) => value), Boolean(feed.error), isLate(feed.value?.newest_ms ?? null), [...links.keys()]]);
  if (shown[name] === now) return;
  shown[name] = now;
  const missing = standIn(feed, again);
  keepingFocus(root, () => show(root, missing ?? drawing()));
}

function draw(root) {
  const key = JSON.stringify([language(), tools.key]);
  if (frame?.key !== key) {
    const stack = () => el("div", { class: "stack" });
    frame = { key, day: stack(), zones: stack(), heat: stack(), drift: stack(), cameras: stack() };
    shown = {};
    const below = el("div", { class: "two" }, frame.zones, frame.heat);
    keepingFocus(root, () => show(root, tools.draw(again), frame.day, below, frame.drift, frame.cameras));
  }
  part("day", [visitors, other], frame.day, () => drawDay(visitors.value, other.value, tools));
  part("drift", [visitors], frame.drift, () => driftCard(visitors.value.drift));
  part("zones", [zones], frame.zones, () => drawZones(zones.value));
  part("heat", [heat], frame.heat, () =>
    drawHeat(heat.value, (name) => {
      camera = name;
      heat.clear();
      again();
    }),
  );
  part("cameras", [cameras], frame.cameras, () => drawCameras(again));
}

export const visitorsView = {
  load,
  draw,
  isDue: () => tools.day === "" && Date.now() - loadedAt > EVERY_MS,
  forget: () => (frame = null),
};
