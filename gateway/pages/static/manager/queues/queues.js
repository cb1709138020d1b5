// The view of queues: how many lanes are needed now and soon, and a day of queues with what was told and what happened.

import { byId, el, show } from "/shared/dom.js";
import { language, t } from "/shared/i18n.js";
import { Feed, standIn } from "/static/manager/data.js";
import { DayTools, isLate, keepingFocus } from "/static/manager/day.js";
import { drawAhead } from "/static/manager/queues/ahead.js";
import { drawDay } from "/static/manager/queues/pictures.js";
import "/static/manager/queues/words.js";

const EVERY_MS = 30_000;
const STEP_MIN = 5;

const advice = new Feed("/api/queues/now");
const queues = new Feed("/api/queues/day");
const other = new Feed("/api/queues/compare");
const tools = new DayTools("queues");
let loadedAt = 0;
let frame = null;
let shown = {};

async function load({ args = [] } = {}) {
  loadedAt = Date.now();
  if (tools.turn(args[0])) for (const feed of [queues, other]) feed.clear();
  const query = `?step=${STEP_MIN}${tools.query}`;
  await Promise.all([
    advice.load(),
    queues.load(query),
    tools.compared ? other.load(`${query}&with=${tools.compared}`) : other.clear(),
  ]);
  tools.learn(queues.value);
}

const again = () => load({ args: [tools.day] }).then(() => draw(byId("view-queues")));

/** Draw a part only when its answer is another: a picture that somebody reads stays. */
function part(name, feeds, root, drawing) {
  const [feed] = feeds;
  const now = JSON.stringify([language(), feeds.map(({ value }) => value), Boolean(feed.error), isLate(feed.value?.newest_ms ?? null)]);
  if (shown[name] === now) return;
  shown[name] = now;
  const missing = standIn(feed, again);
  keepingFocus(root, () => show(root, missing ?? drawing()));
}

function draw(root) {
  const key = JSON.stringify([language(), tools.key]);
  if (frame?.key !== key) {
    frame = { key, ahead: el("div", { class: "stack" }), day: el("div", { class: "stack" }) };
    shown = {};
    keepingFocus(root, () => show(root, frame.ahead, tools.draw(again), frame.day));
  }
  frame.ahead.hidden = tools.day !== "";
  part("ahead", [advice], frame.ahead, () => drawAhead(advice.value));
  part("day", [queues, other], frame.day, () => drawDay(queues.value, other.value, tools));
}

export const queuesView = {
  load,
  draw,
  isDue: () => tools.day === "" && Date.now() - loadedAt > EVERY_MS,
  forget: () => (frame = null),
};
