// The view of losses: alarms, which somebody should see now, and the ledger of what is gone.

import { byId, el, show } from "/shared/dom.js";
import { language, t } from "/shared/i18n.js";
import { Feed, standIn, timeless, tried, whenChanged } from "/static/manager/data.js";
import { drawAlarms } from "/static/manager/losses/alarms.js";
import { drawShrink, periodTools, queryOf } from "/static/manager/losses/shrink.js";
import "/static/manager/losses/words.js";

const EVERY_MS = 30_000;
const ALARMS = 100;

const alarms = new Feed("/api/alarms");
const shrink = new Feed("/api/shrink");
let period = "today";
let loadedAt = 0;
let frame = null;

async function load() {
  loadedAt = Date.now();
  await Promise.all([alarms.load(`?limit=${ALARMS}`), shrink.load(queryOf(period))]);
}

const again = () =>
  tried(async () => {
    await load();
    draw(byId("view-losses"));
  });

function choose(name) {
  period = name;
  shrink.clear();
  draw(byId("view-losses"));
  again();
}

/** Draw a part only when its answer is another: what somebody unfolded or is about to press stays where it is. */
function part(feed, root, drawing) {
  whenChanged(root, [period, timeless(feed.value), Boolean(feed.error)], () => {
    const missing = standIn(feed, again);
    if (missing) show(root, missing);
    else drawing();
  });
}

function draw(root) {
  if (!frame || frame.language !== language() || frame.period !== period) {
    frame = {
      language: language(),
      period,
      alarms: el("div", { class: "stack" }),
      ledger: el("div", { class: "stack" }),
    };
    show(
      root,
      el("h2", {}, t("alarms")),
      frame.alarms,
      el("h2", {}, t("shrink")),
      periodTools(period, choose),
      frame.ledger,
    );
  }
  part(alarms, frame.alarms, () => drawAlarms(frame.alarms, alarms.value, again));
  part(shrink, frame.ledger, () => drawShrink(frame.ledger, shrink.value));
}

export const losses = {
  load,
  draw,
  news: (name) => (name === "alarms" ? "load" : ""),
  isDue: () => Date.now() - loadedAt > EVERY_MS,
};
