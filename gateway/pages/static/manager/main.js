// The manager's page: who is here, which view is open, and the news that keep it true.

import { Refusal, Unreachable } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, languageButton, onLanguage, t, translate } from "/shared/i18n.js";
import { Live } from "/shared/live.js";
import { theme } from "/shared/theme.js";
import { alarmLine } from "/static/manager/losses/alarms.js";
import { losses } from "/static/manager/losses/losses.js";
import { beat, whenChanged } from "/static/manager/data.js";
import { now, status } from "/static/manager/now.js";
import { drawClerks, drawDevices } from "/static/manager/people.js";
import { queuesView } from "/static/manager/queues/queues.js";
import { shelves } from "/static/manager/shelves/shelves.js";
import { problems } from "/static/manager/state.js";
import { drawViews, listenToKeys, whereTo } from "/static/manager/views.js";
import { store } from "/static/manager/store.js";
import { visitorsView } from "/static/manager/visitors/visitors.js";
import { work } from "/static/manager/work/work.js";
import "/static/manager/words.js";
import { SignIn } from "/static/session.js";

const VIEW_OF = { now, shelves, queues: queuesView, visitors: visitorsView, work, losses, store };
const STATUS_EVERY_MS = 5000;

let session = null;
let live = null;
let timers = [];
let open = null; // {name, args, isWall}
let isLost = false;
let answeredAt = null;
let alarms = { open: 0, newest: null };
const waiting = { now: 0, work: 0, losses: 0 };

/** Run what asks the gateway: without a session the page closes, without network it says since when. */
async function asking(run) {
  try {
    await run();
    [isLost, answeredAt] = [false, Date.now()];
  } catch (error) {
    if (error instanceof Refusal && [401, 403].includes(error.status)) {
      if (session) leave();
      return;
    }
    if (!(error instanceof Unreachable)) throw error;
    isLost = true;
  }
  drawFrame();
}

function drawFrame() {
  if (!session || !answeredAt) return;
  byId("fresh").className = `chip ${isLost ? "bad" : "good"}`;
  byId("fresh").textContent = isLost ? t("lost", { time: clock(answeredAt) }) : t("live");
  document.body.classList.toggle("lost", isLost);
  if (status.value) waiting.now = problems(status.value).length;
  whenChanged(byId("views"), [open?.name, waiting], () => drawViews(open?.name, waiting));
  // Where the alarms stand themselves, no line has to say that there are any.
  const line = ["now", "losses"].includes(open?.name) ? { open: 0 } : alarms;
  byId("alarm").hidden = !line.open;
  whenChanged(byId("alarm"), line, () => alarmLine(byId("alarm"), line));
}

const drawView = () => open && VIEW_OF[open.name].draw(byId(`view-${open.name}`), open);

/** Load what the open view shows, and draw it. */
const loadView = () =>
  asking(async () => {
    const asked = open;
    await VIEW_OF[asked.name].load(asked);
    if (asked === open) drawView();
  });

function go() {
  const to = whereTo();
  open = to;
  document.body.classList.toggle("wall-alone", to.isWall);
  for (const name of Object.keys(VIEW_OF)) byId(`view-${name}`).hidden = name !== to.name;
  if (!to.isWall && document.fullscreenElement) document.exitFullscreen();
  scrollTo(0, 0);
  drawFrame();
  drawView();
  loadView();
}

function hear(name, data) {
  if (name === "alarms") {
    waiting.losses = data.open;
    alarms = data;
  }
  if (name === "tasks") waiting.work = data.open;
  const wants = VIEW_OF[open.name].news?.(name, data, open);
  if (wants === "load") loadView();
  else if (wants === "draw") drawView();
  if (name === "status" && wants !== "load") asking(() => status.load());
  drawFrame();
}

/** Forms are drawn once, not with every beat: nobody's half-typed name goes away. */
const drawForms = () => asking(() => Promise.all([drawDevices(), drawClerks(session.clerk)]));

function enter(found) {
  session = found;
  byId("store").textContent = session.store.name || session.store.id;
  show(byId("door"));
  for (const id of ["board", "fresh", "out", "views"]) byId(id).hidden = false;
  live ??= new Live("/api/events", {
    names: ["lanes", "status", "stock", "alarms", "tasks", "deliveries"],
    silentAfterMs: 90_000,
    onEvent: hear,
    onState: loadView,
  });
  const seen = (run) => () => document.visibilityState === "visible" && run();
  timers = [
    setInterval(
      seen(() => asking(() => status.load())),
      STATUS_EVERY_MS,
    ),
    setInterval(
      seen(() => VIEW_OF[open.name].isDue?.() !== false && loadView()),
      STATUS_EVERY_MS,
    ),
    setInterval(
      seen(() => beat(byId("board"))),
      1000,
    ),
  ];
  addEventListener("hashchange", go);
  asking(() => status.load());
  go();
  drawForms();
}

function leave() {
  session = null;
  live?.close();
  live = null;
  timers.forEach(clearInterval);
  removeEventListener("hashchange", go);
  document.body.classList.remove("wall-alone");
  for (const id of ["board", "fresh", "out", "views", "alarm"]) byId(id).hidden = true;
  door.start();
}

const door = new SignIn(byId("door"), enter, { role: "manager" });
const stepTheme = theme("manager");
show(byId("theme"), icon("sun"));
show(byId("out"), icon("out"));
byId("theme").addEventListener("click", stepTheme);
byId("out").addEventListener("click", async () => {
  await door.leave();
  location.reload();
});
languageButton(byId("language"));
onLanguage(() => {
  drawFrame();
  drawView();
  if (session) drawForms();
});
listenToKeys();
translate();
show(byId("door"), el("div", { class: "empty" }));
door.start();
