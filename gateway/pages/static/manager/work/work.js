// The view of the floor's work: tasks, and deliveries.

import { el, show } from "/shared/dom.js";
import { language, t } from "/shared/i18n.js";
import { Feed, standIn } from "/static/manager/data.js";
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
  const again = () => load({ args: [delivery] }).then(() => draw(root, { args: [delivery] }));
  if (delivery) {
    frame = null;
    const missing = standIn(feedOf(delivery), again);
    if (missing) show(root, missing);
    else drawDelivery(root, one.value);
    return;
  }
  if (frame?.language !== language() || !frame.tasks.isConnected) {
    frame = { language: language(), tasks: el("div", { class: "stack" }), deliveries: el("div"), said: el("div", { "aria-live": "polite" }) };
    show(
      root,
      frame.tasks,
      el(
        "section",
        { class: "card" },
        el("div", { class: "section-head" }, el("h2", { class: "grow" }, t("deliveries")), noticeKey(frame.said, again)),
        el("p", { class: "soft small" }, t("delivery.columns")),
        frame.said,
        frame.deliveries,
      ),
    );
  }
  const missing = standIn(open, again);
  if (missing) show(frame.tasks, missing);
  else drawTasks(frame.tasks, open.value, done.value);
  const lacking = standIn(deliveries, again);
  if (lacking) show(frame.deliveries, lacking);
  else drawDeliveries(frame.deliveries, deliveries.value);
}

export const work = {
  load,
  draw,
  news: (name) => (["tasks", "deliveries"].includes(name) ? "load" : ""),
  isDue: () => Date.now() - loadedAt > EVERY_MS,
};

/** For the first view: the open tasks without another question. */
export const openTasks = open;
