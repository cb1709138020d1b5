// The store screen: it shows what it may believe, and "–" where it may not.

import { el, icon, show, byId } from "/shared/dom.js";
import { ago } from "/shared/i18n.js";
import { Live, mark, since } from "/shared/live.js";
import { theme } from "/shared/theme.js";
import { languageLabel, languages, nextLanguages, say, wait } from "/static/words.js";

const LOST_AFTER_MS = 3500;
const WORTH_SAYING_S = 6;
const SHIFT_EVERY_MS = 180_000;

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
  draw();
}

/** The lane as it may be shown now. */
function current(lane) {
  if (lane.believed_for_ms > lateMs()) return lane;
  return { ...lane, state: "unknown", people: null, low_min: null, high_min: null };
}

// --- drawing ------------------------------------------------------------------------------------------------

const lines = (key, values) => words(say(key, values));
const words = (pairs) => pairs.map(([code, text]) => el("span", { lang: code === "zh" ? "zh-CN" : "en" }, text));

function people(lane) {
  if (lane.people === null) return null;
  return el(
    "p",
    { class: "people" },
    icon("person", 40),
    el("span", { class: "count" }, lane.people),
    el("span", { class: "out-of-sight" }, words(say("people", { n: lane.people }))),
  );
}

function waiting(lane) {
  if (lane.state !== "open") return el("p", { class: "state" }, lines(lane.state));
  const { figure, words: unit, isNone } = wait(lane);
  if (isNone) return el("p", { class: "state none" }, lines("noWait"));
  return el(
    "p",
    { class: `wait ${figure.length > 4 ? "long" : ""}` },
    el("span", { class: "figure" }, figure),
    el("span", { class: "unit" }, words(unit)),
  );
}

const sign = (lane) => el("p", { class: `lane-sign ${lane.name.length > 2 ? "named" : ""}` }, lane.name);

/** What stands below a lane's wait: how old it is, once that is worth saying. */
function note(lane) {
  const age = (lane.age_ms + lateMs()) / 1000;
  if (lane.state === "unknown") return say("unknown")[0][1];
  return age < WORTH_SAYING_S ? "" : ago(age, languages()[0]);
}

function tile(lane, isBest) {
  return el(
    "li",
    { class: `tile ${lane.state} ${isBest ? "best" : ""}`, data: { lane: lane.lane } },
    el(
      "div",
      { class: "inside" },
      sign(lane),
      people(lane),
      lane.state === "unknown" ? el("p", { class: "wait" }, el("span", { class: "figure" }, "–")) : waiting(lane),
      isBest
        ? el("p", { class: "flag" }, icon("arrow", 40), el("span", { class: "words" }, lines("take")))
        : el("p", { class: "age" }, note(lane)),
    ),
  );
}

/** How wide a text is, in ems: Chinese characters are square, the others a little more than half of that. */
const ems = (text) => [...text].reduce((sum, one) => sum + (one.codePointAt(0) > 0x2e7f ? 1 : 0.58), 0);

function hero(best, lanes) {
  if (best) {
    const width = ems(best.name);
    const where = el(
      "p",
      { class: `where ${width > 1.3 ? "named" : ""}` },
      icon("arrow", 100),
      el("span", { class: "name" }, best.name),
    );
    where.style.setProperty("--ems", width);
    return [
      "hero best",
      el("div", { class: "inside" }, el("p", { class: "call" }, lines("best")), where, waiting(best), people(best)),
    ];
  }
  const isOpen = lanes.some((lane) => lane.state === "open");
  const isKnown = lanes.some((lane) => lane.state !== "unknown");
  const key = !isKnown ? "noData" : isOpen ? "anyOpen" : "allClosed";
  return [
    "hero",
    el(
      "div",
      { class: "inside" },
      el("p", { class: "call" }, lines(key)),
      isOpen ? null : el("p", { class: "hint" }, lines("staff")),
    ),
  ];
}

/** How many tiles stand in each row, so that the smallest is as large as it can be: 5 may be 3 and 2. */
function rows(count, width, height) {
  let [best, size] = [1, 0];
  for (let down = 1; down <= count; down += 1) {
    const fit = Math.min(width / Math.ceil(count / down) / 1.2, height / down);
    if (fit > size) [best, size] = [down, fit];
  }
  const long = count % best;
  return Array.from({ length: best }, (_, row) => Math.floor(count / best) + (row < long ? 1 : 0));
}

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
  if (!page.picture)
    return show(byId("hero"), el("div", { class: "inside" }, el("p", { class: "call" }, lines("noData"))));
  const lanes = page.picture.lanes.map(current);
  const best = lanes.find((lane) => lane.lane === page.picture.recommended && lane.state === "open");
  // Only what changed is drawn: a screen that is drawn ten times a second for nothing wears its Pi.
  const key = JSON.stringify([
    lanes.map(({ lane, name, state, people: count, low_min: low, high_min: high }, at) => [
      lane,
      name,
      state,
      count,
      low,
      high,
      note(lanes[at]),
    ]),
    best?.lane,
    languages(),
  ]);
  if (key === page.drawn) return undefined;
  page.drawn = key;
  const titles = { en: page.picture.title_en, zh: page.picture.title_zh };
  show(byId("title"), words(languages().map((code) => [code, titles[code]])));
  document.title = titles[languages()[0]];
  byId("floor").classList.toggle("single", !lanes.length || (lanes.length === 1 && Boolean(best)));
  byId("floor").classList.toggle("few", [2, 3].includes(lanes.length) && Boolean(best));
  const [kind, inside] = hero(best, lanes);
  byId("hero").className = kind;
  show(byId("hero"), inside);
  show(
    byId("lanes"),
    lanes.map((lane) => tile(lane, lane === best)),
  );
  fitLanes();
  return undefined;
}

/** Rows of n and of n + 1 tiles fill the same width: the grid has n(n + 1) columns, each tile its share of them. */
function fitLanes() {
  const list = byId("lanes");
  if (!list.children.length) return;
  const across = rows(list.children.length, list.clientWidth, list.clientHeight);
  const columns = across[0] * across.at(-1);
  list.style.setProperty("--columns", columns);
  let at = 0;
  for (const count of across) {
    for (let one = 0; one < count; one += 1, at += 1) list.children[at].style.gridColumn = `span ${columns / count}`;
  }
}

// --- running ------------------------------------------------------------------------------------------------

/** Move everything by a few pixels now and then, so that no edge burns into a panel. Nothing moves in between. */
function shift() {
  const step = Math.floor(Date.now() / SHIFT_EVERY_MS) % 8;
  byId("stage").style.setProperty("--shift-x", `${[0, 4, 8, 4, 0, -4, -8, -4][step]}px`);
  byId("stage").style.setProperty("--shift-y", `${[-8, -4, 0, 4, 8, 4, 0, -4][step]}px`);
}

function switchLanguages() {
  nextLanguages();
  byId("language").textContent = languageLabel();
  page.drawn = "";
  draw();
}

const nextTheme = theme("screen", "dark");
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
setInterval(shift, 10_000);
shift();
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
