// The manager's page: what is wrong first, then how everything is, then who may come in.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, languageButton, onLanguage, t, translate } from "/shared/i18n.js";
import { Live } from "/shared/live.js";
import { theme } from "/shared/theme.js";
import { drawClerks, drawDevices } from "/static/manager/people.js";
import { drawLanes, drawLetters, drawNodes, drawStreams, drawWrong } from "/static/manager/state.js";
import "/static/manager/words.js";
import { SignIn } from "/static/session.js";

const EVERY_MS = 5000;
const LETTERS = 50;

let session = null;
let live = null;
let timer = null;
let now = null; // {status, lanes, letters, at}
let isLost = false;

async function load() {
  try {
    const [status, lanes, letters] = await Promise.all([
      call("GET", "/api/manager/status"),
      call("GET", "/api/lanes"),
      call("GET", `/api/manager/dead-letters?limit=${LETTERS}`),
    ]);
    now = { status, lanes, letters, at: Date.now() };
    isLost = false;
  } catch (error) {
    if (error instanceof Refusal && [401, 403].includes(error.status)) return leave();
    if (!(error instanceof Unreachable)) throw error;
    isLost = true;
  }
  draw();
  return undefined;
}

function draw() {
  if (!now) return;
  byId("fresh").className = `chip ${isLost ? "bad" : "good"}`;
  byId("fresh").textContent = isLost ? t("lost", { time: clock(now.at) }) : t("live");
  document.body.classList.toggle("lost", isLost);
  drawWrong(byId("wrong"), now.status);
  drawLanes(byId("lanes"), now.lanes);
  drawNodes(byId("nodes"), now.status);
  drawStreams(byId("streams"), now.status);
  drawLetters(byId("letters"), now.letters);
}

/** Forms are drawn once, not with every beat: nobody's half-typed name goes away. */
const drawForms = () =>
  Promise.all([drawDevices(), drawClerks(session.clerk)]).catch((error) => {
    if (!(error instanceof Unreachable)) throw error;
  });

function enter(found) {
  session = found;
  byId("store").textContent = session.store.name || session.store.id;
  show(byId("door"));
  for (const id of ["board", "fresh", "out"]) byId(id).hidden = false;
  live ??= new Live("/api/events", {
    names: ["lanes", "status"],
    silentAfterMs: 90_000,
    onEvent: (name, data) => {
      if (!now) return;
      if (name === "lanes") {
        now.lanes = data;
        drawLanes(byId("lanes"), data);
      } else if (name === "status") load();
    },
    onState: load,
  });
  clearInterval(timer);
  timer = setInterval(() => document.visibilityState === "visible" && load(), EVERY_MS);
  load();
  drawForms();
}

function leave() {
  live?.close();
  live = null;
  clearInterval(timer);
  for (const id of ["board", "fresh", "out"]) byId(id).hidden = true;
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
  draw();
  if (session && !byId("board").hidden) drawForms();
});
translate();
show(byId("door"), el("div", { class: "empty" }));
door.start();
