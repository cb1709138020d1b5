// The first view: what is wrong and what to do, then how the store is at a glance.

import { byId, el, icon, show } from "/shared/dom.js";
import { money, names, t } from "/shared/i18n.js";
import { Feed, timeless, whenChanged } from "/static/manager/data.js";
import { alarmText } from "/static/manager/losses/alarms.js";
import { queryOf } from "/static/manager/losses/shrink.js";
import "/static/manager/queues/words.js";
import { isSilent, needsWork, verdict } from "/static/manager/shelves/tile.js";
import { drawLanes, drawWrong, problems } from "/static/manager/state.js";
import { drawLaneWords } from "/static/manager/lane_words.js";
import { address } from "/static/manager/views.js";
import { openTasks } from "/static/manager/work/work.js";
import { taskText } from "/static/manager/work/tasks.js";

const EVERY_MS = 5000;
const GLANCE_EVERY_MS = 15_000;
const SHOWN = 4;

/** The state of the store's machines; every view may need it. */
export const status = new Feed("/api/manager/status");
const lanes = new Feed("/api/lanes");
const shelves = new Feed("/api/shelves");
const alarms = new Feed("/api/alarms");
const lost = new Feed("/api/shrink");
const ahead = new Feed("/api/queues/now");
let [loadedAt, glancedAt] = [0, 0];

async function load() {
  const asked = [status.load(), lanes.load()];
  loadedAt = Date.now();
  if (loadedAt - glancedAt > GLANCE_EVERY_MS - EVERY_MS / 2) {
    glancedAt = loadedAt;
    asked.push(ahead.load(), shelves.load(), openTasks.load("?state=open"), alarms.load("?open=1"), lost.load(queryOf("today")));
  }
  await Promise.all(asked);
}

function card(href, heading, drawing, figure, label, kind, rows) {
  return el(
    "a",
    { class: `card glance-card ${kind}`, href },
    el("span", { class: "glance-head soft" }, icon(drawing, 22), el("b", {}, heading)),
    el("span", { class: "glance-figure" }, el("b", { class: "number" }, figure), el("span", {}, label)),
    el("ul", { class: "glance-rows" }, rows),
  );
}

const row = (sign, text) =>
  el("li", {}, el("span", { class: "sign small-sign" }, sign), el("span", { class: "grow" }, text));

function shelvesCard() {
  const all = shelves.value.shelves;
  const todo = all.filter((shelf) => needsWork(shelf) || isSilent(shelf));
  const silent = all.filter(isSilent).length;
  const work = all.filter(needsWork).length;
  const rest = todo.length - SHOWN;
  return card(
    "#shelves",
    t("view.shelves"),
    "shelf",
    work,
    t("glance.shelves", { n: work }),
    work || silent ? "todo" : "",
    [
      silent > 0 && el("li", { class: "bad-text" }, icon("alert", 18), t("wall.silent.n", { n: silent })),
      todo.slice(0, SHOWN).map((shelf) => row(shelf.shelf, verdict(shelf))),
      rest > 0 && el("li", { class: "soft" }, t("file.more", { n: rest })),
      !todo.length &&
        el(
          "li",
          { class: "soft" },
          t(!all.length ? "wall.none" : all.some(({ wanted }) => wanted) ? "glance.shelves.well" : "plan.none"),
        ),
    ],
  );
}

/** The checkouts as nodes see them coming: open now, the most that is needed in the next half hour, what to do. */
function lanesCard() {
  const nodes = ahead.value.filter(({ outlooks }) => outlooks.length > 0);
  const open = nodes.reduce((all, one) => all + one.lanes_open, 0);
  const most = nodes.reduce((all, { outlooks }) => all + Math.max(...outlooks.map(({ needed }) => needed)), 0);
  const todo = nodes.flatMap((one) => [
    ...one.open.map((id) => t("ahead.doOpen", { lanes: t("ahead.lane", { id }) })),
    ...one.close.map((id) => t("ahead.doClose", { lanes: t("ahead.lane", { id }) })),
  ]);
  return card("#queues", t("glance.lanes"), "clock", open, t("glance.lanes.open", { n: open }), most > open ? "todo" : "", [
    nodes.length > 0 && el("li", { class: most > open ? "" : "soft" }, t("glance.lanes.needed", { n: most })),
    todo.slice(0, SHOWN).map((text) => el("li", {}, icon("arrow", 18), text)),
    nodes.length === 0 && el("li", { class: "soft" }, t("ahead.none")),
    nodes.length > 0 && !todo.length && el("li", { class: "soft" }, t("ahead.fits")),
  ]);
}

function workCard() {
  const { tasks } = openTasks.value;
  const claimed = tasks.filter(({ state }) => state === "claimed").length;
  const next = [...tasks].sort((a, b) => b.priority - a.priority).slice(0, SHOWN);
  return card(
    "#work",
    t("view.work"),
    "list",
    tasks.length,
    t("glance.work", { n: tasks.length }),
    tasks.length ? "todo" : "",
    [
      tasks.length > 0 && el("li", { class: "soft" }, t("task.claimed.n", { n: claimed })),
      next.map((task) => row(task.shelf, taskText(task))),
      !tasks.length && el("li", { class: "soft" }, t("task.none")),
    ],
  );
}

function lossCard() {
  const { value_minor: value, currency, lines } = lost.value;
  const gone = lines.filter(({ found_ms: found }) => found === null);
  return card(
    "#losses",
    t("glance.losses"),
    "tag",
    money(value, currency),
    t("loss.value"),
    gone.length ? "todo" : "",
    [
      gone.slice(0, SHOWN).map((line) => row(line.place || "–", `${line.quantity} × ${names(line).first}`)),
      gone.length > SHOWN && el("li", { class: "soft" }, t("file.more", { n: gone.length - SHOWN })),
      !gone.length && el("li", { class: "soft" }, t("loss.none")),
    ],
  );
}

function alarmCard(alarm) {
  return {
    heading: alarmText(alarm),
    hint: t(alarm.type === "sweep" ? "alarm.sweep.do" : "alarm.exit.do"),
    since_ms: alarm.t_ms,
    href: address("losses"),
  };
}

function draw() {
  const open = (alarms.value?.alarms ?? []).filter(({ state }) => state === "open");
  const calls = open.map(alarmCard);
  if (status.value) {
    const wrong = [problems(status.value), calls];
    whenChanged(byId("wrong"), wrong, () => drawWrong(byId("wrong"), status.value, calls));
  }
  if (lanes.value) whenChanged(byId("lanes"), lanes.value, () => drawLanes(byId("lanes"), lanes.value));
  if (lanes.value) drawWords(lanes.value.lanes);
  const feeds = [ahead, shelves, openTasks, lost];
  const cards = [lanesCard, shelvesCard, workCard, lossCard].filter((_card, at) => feeds[at].value);
  const shown = feeds.map(({ value }) => timeless(value));
  whenChanged(byId("glance"), shown, () => {
    const drawn = cards.map((make) => make());
    show(byId("glance"), drawn);
  });
}

/** What can be said of the lanes is drawn anew only when that changes: waits do so each second, below a finger. */
function drawWords(all) {
  const known = all
    .map(({ lane, name, state }) => ({ lane, name, state }))
    .sort((a, b) => a.lane.localeCompare(b.lane, "en", { numeric: true }));
  whenChanged(byId("lane-words"), known, () => drawLaneWords(byId("lane-words"), known));
}

export const now = {
  load,
  draw,
  news(name, data) {
    if (name === "lanes") {
      lanes.value = data;
      return "draw";
    }
    if (["alarms", "tasks"].includes(name)) glancedAt = 0;
    return ["status", "alarms", "tasks"].includes(name) ? "load" : "";
  },
};
