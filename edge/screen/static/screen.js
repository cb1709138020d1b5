// The store screen: it shows what it may believe, and "–" where it may not.

import { byId, el, show } from "/shared/dom.js";
import { ago } from "/shared/i18n.js";
import { Live, mark, since } from "/shared/live.js";
import { theme } from "/shared/theme.js";
import { fit } from "/static/fit.js";
import { bestPanel, closedLanes, ems, noPanel, notes, tile, waitEms, words } from "/static/tiles.js";
import { languageLabel, languages, nextLanguages, say } from "/static/words.js";

const LOST_AFTER_MS = 3500;
const SHIFT_EVERY_MS = 180_000;
const INVERT_EVERY_MS = 600_000;
const NARROWEST_WAIT_EMS = 2.6;

const page = { picture: null, received: null, run: null, fastest: Infinity, delayMs: 0, drawn: "" };

/** Milliseconds that the picture is older than it says: under way, and lying here. */
const lateMs = () => (page.received ? page.delayMs + since(page.received) : Infinity);

/** A screen runs for months without a hand near it: after an update of its node it loads the new page by itself. */
function followVersion(version) {
  page.version ??= version;
  if (page.version === version || page.isLeaving) return;
  page.isLeaving = true;
  fetch("/", { cache: "no-store" }).then(
    (answer) => answer.ok && location.reload(),
    () => {
      page.isLeaving = false;
    },
  );
}

function take(picture) {
  followVersion(picture.version);
  // Events that were held up (a machine that slept, a full buffer) arrive in a burst and look new. The fastest event
  // of this run tells the difference of the two steady clocks; what one takes longer than that, it was under way.
  const difference = performance.now() - picture.steady_ms;
  if (picture.run !== page.run) Object.assign(page, { run: picture.run, fastest: Infinity });
  page.fastest = Math.min(page.fastest, difference);
  Object.assign(page, { picture, received: mark(), delayMs: difference - page.fastest });
  if (picture.theme && picture.theme !== page.theme) nextTheme = theme("screen", (page.theme = picture.theme));
  draw();
}

/** The lane as it may be shown now. */
function current(lane) {
  if (lane.believed_for_ms > lateMs()) return lane;
  return { ...lane, state: "unknown", people: null, low_min: null, high_min: null };
}

// --- drawing ------------------------------------------------------------------------------------------------

function fresh() {
  const age = lateMs();
  const isLive = age < LOST_AFTER_MS;
  document.body.classList.toggle("lost", !isLive);
  const text = isLive ? say("live") : say("lost");
  const shown = (page.picture?.lanes ?? [])
    .filter((lane) => lane.believed_for_ms > age)
    .map((lane) => lane.age_ms + age);
  const oldest = isLive ? Math.max(0, ...shown) : age;
  const old = oldest === Infinity || (isLive && !shown.length) ? "" : ago(oldest / 1000, languages()[0]);
  const key = JSON.stringify([text, old]);
  if (key !== page.drawnFresh)
    show(byId("fresh"), el("span", { class: "dot" }), words(text), old && el("span", { class: "since" }, old));
  page.drawnFresh = key;
  if (page.picture) {
    const when = new Date(page.picture.sent_ms + age);
    byId("clock").textContent = isLive
      ? when.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
      : "";
  }
}

function draw() {
  fresh();
  const lanes = (page.picture?.lanes ?? []).map(current);
  const best = lanes.find((lane) => lane.lane === page.picture.recommended && lane.state === "open");
  const below = lanes.map((lane) => notes(lane, lateMs()));
  // Only what changed is drawn: a screen that is drawn ten times a second for nothing wears its Pi.
  const shown = lanes.map((lane) => [lane.lane, lane.name, lane.state, lane.people, lane.low_min, lane.high_min]);
  const key = JSON.stringify([shown, below, best?.lane, languages(), Boolean(page.picture)]);
  if (key === page.drawn) return;
  page.drawn = key;
  if (page.picture) drawTitle({ en: page.picture.title_en, zh: page.picture.title_zh });
  const taking = lanes.filter((lane) => lane.state !== "closed");
  page.isFew = taking.length <= 3 && taking.length > 1 && Boolean(best);
  byId("floor").classList.toggle("single", !taking.length || (taking.length === 1 && Boolean(best)));
  byId("floor").classList.toggle("few", page.isFew);
  byId("hero").className = best ? "hero best" : "hero";
  show(byId("hero"), best ? bestPanel(best, isShortest(best, lanes), below[lanes.indexOf(best)]) : noPanel(lanes, Boolean(page.picture)));
  show(
    byId("lanes"),
    taking.map((lane) => tile(lane, lane === best, below[lanes.indexOf(lane)])),
  );
  byId("lanes").style.setProperty("--ems", Math.max(NARROWEST_WAIT_EMS, ...taking.map(waitEms)));
  show(byId("rest"), closedLanes(lanes.filter((lane) => lane.state === "closed")));
  fitLanes();
}

function drawTitle(titles) {
  const shown = languages().map((code) => [code, titles[code]]);
  show(byId("title"), words(shown));
  byId("title").style.setProperty("--ems", Math.max(1, ems(shown.map(([, text]) => text).join(" "))));
  const [first] = languages();
  document.title = titles[first];
  document.documentElement.lang = first === "zh" ? "zh-CN" : "en";
  byId("lanes").setAttribute("aria-label", titles[first]);
}

/** Whether the lane to take is also the one that shows the least: where two are nearly alike it may not be. */
const isShortest = (best, lanes) =>
  lanes.every(({ state, high_min: high }) => state !== "open" || high === null || best.high_min <= high);

const fitLanes = () => fit(byId("lanes"), page.isFew);

// --- running ------------------------------------------------------------------------------------------------

/** Nothing burns into a panel: everything moves by a few pixels every three minutes, and what is bright and large is
 *  framed instead of filled every other ten. Nothing moves in between. */
function spare() {
  const step = Math.floor(Date.now() / SHIFT_EVERY_MS) % 8;
  const stage = byId("stage");
  stage.style.setProperty("--shift-x", [0, 1, 2, 1, 0, -1, -2, -1][step]);
  stage.style.setProperty("--shift-y", [-2, -1, 0, 1, 2, 1, 0, -1][step]);
  stage.classList.toggle("framed", Math.floor(Date.now() / INVERT_EVERY_MS) % 2 === 1);
}

function switchLanguages() {
  nextLanguages();
  byId("language").textContent = languageLabel();
  page.drawn = "";
  draw();
}

let nextTheme = theme("screen", "dark");
byId("language").textContent = languageLabel();
byId("language").addEventListener("click", switchLanguages);
addEventListener("keydown", ({ key }) => (key === "l" ? switchLanguages() : key === "t" ? nextTheme() : undefined));
addEventListener("pointermove", () => {
  document.body.classList.add("touched");
  clearTimeout(page.untouched);
  page.untouched = setTimeout(() => document.body.classList.remove("touched"), 4000);
});
new ResizeObserver(fitLanes).observe(byId("lanes"));
setInterval(draw, 500);
setInterval(spare, 10_000);
spare();
draw();
new Live("/events", {
  onEvent: (_name, picture) => take(picture),
  names: ["board"],
  silentAfterMs: 4000,
  longestWaitMs: 1500,
});
navigator.serviceWorker?.register("/screen-worker.js").catch(() => {}); // only HTTPS or the node's own machine may
// Nobody turns off a store screen's sleep by hand; where the browser lets us, we ask it to stay awake.
const stayAwake = () =>
  document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
