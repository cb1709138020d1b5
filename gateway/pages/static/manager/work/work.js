// The view of the floor's work: tasks, and deliveries.

import { el, show } from "/shared/dom.js";
import { language, t } from "/shared/i18n.js";
import { Feed, standIn, timeless, tried, whenChanged } from "/static/manager/data.js";
import { drawDeliveries, drawDelivery, noticeKey } from "/static/manager/work/deliveries.js";
import { drawTasks } from "/static/manager/work/tasks.js";
import "/static/manager/work/words.js";

const EVERY_MS = 15_000;

const open = new Feed("/api/tasks");
const done = new Feed("/api/tasks");
const deliveries = new Feed("/api/deliveries");
let one = null;
let loadedAt = 0;
let frame = null;
let shown = null; // which delivery, or none: each finds an empty place

function feedOf(delivery) {
  const path = `/api/deliveries/${encodeURIComponent(delivery)}`;
  if (one?.path !== path) one = new Feed(path);
  return one;
}

async function load({ args: [delivery] }) {
  loadedAt = Date.now();
  if (delivery) await feedOf(delivery).load();
  else await Promise.all([open.load("?state=open"), done.load("?state=done"), deliveries.load()]);
}

function draw(root, { args: [delivery] }) {
  const again = () =>
    tried(async () => {
      await load({ args: [delivery] });
      draw(root, { args: [delivery] });
    });
  const part = (feed, place, what, drawing) =>
    whenChanged(place, [timeless(what), Boolean(feed.error)], () => {
      const missing = standIn(feed, again);
      if (missing) show(place, missing);
      else drawing();
    });
  if (delivery !== shown) show(root);
  shown = delivery;
  if (delivery) {
    part(feedOf(delivery), root, one.value, () => drawDelivery(root, one.value));
    return;
  }
  drawFrame(root, again);
  part(open, frame.tasks, [timeless(open.value), timeless(done.value)], () =>
    drawTasks(frame.tasks, open.value, done.value),
  );
  part(deliveries, frame.deliveries, deliveries.value, () => drawDeliveries(frame.deliveries, deliveries.value));
}

function drawFrame(root, again) {
  if (frame?.language === language() && frame.tasks.isConnected) return;
  frame = {
    language: language(),
    tasks: el("div", { class: "stack" }),
    deliveries: el("div"),
    said: el("div", { "aria-live": "polite" }),
  };
  show(
    root,
    frame.tasks,
    el(
      "section",
      { class: "card" },
      el(
        "div",
        { class: "section-head" },
        el("h2", { class: "grow" }, t("deliveries")),
        noticeKey(frame.said, again),
      ),
      el("p", { class: "soft small" }, t("delivery.columns")),
      frame.said,
      frame.deliveries,
    ),
  );
}

export const work = {
  load,
  draw,
  news: (name) => (["tasks", "deliveries"].includes(name) ? "load" : ""),
  isDue: () => Date.now() - loadedAt > EVERY_MS,
};

/** For the first view: the open tasks without another question. */
export const openTasks = open;
