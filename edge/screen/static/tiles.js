// What stands on the screen for one lane: its tile, the large panel of the recommended one, a sign for a closed one.

import { el, icon } from "/shared/dom.js";
import { ago } from "/shared/i18n.js";
import { languages, say, spoken, wait } from "/static/words.js";

const WORTH_SAYING_S = 6;

/** A text in each language shown, the first one first. */
export const words = (pairs) =>
  pairs.map(([code, text]) => el("span", { lang: code === "zh" ? "zh-CN" : "en" }, text));
const lines = (key, values) => words(say(key, values));

/** How wide a text is, in ems: Chinese characters are square, the others a little more than half of that. */
export const ems = (text) => [...text].reduce((sum, one) => sum + (one.codePointAt(0) > 0x2e7f ? 1 : 0.58), 0);
const widest = (pairs) => Math.max(0, ...pairs.map(([, text]) => ems(text)));

/** How wide a lane's wait is, in ems of its figure: the words beside it are 0.36 as large. */
export function waitEms(lane) {
  if (lane.high_min === null || lane.high_min === 0) return 0;
  const { before, figure, unit } = wait(lane);
  const beside = [before, unit].filter((pairs) => pairs.length);
  return ems(figure) + beside.reduce((sum, pairs) => sum + 0.36 * widest(pairs) + 0.2, 0);
}

function figures(lane) {
  const { before, figure, unit } = wait(lane);
  return el(
    "p",
    { class: "wait" },
    el("span", { class: "out-of-sight" }, words(spoken(lane))),
    before.length > 0 && el("span", { class: "unit before", "aria-hidden": "true" }, words(before)),
    el("span", { class: "figure", "aria-hidden": "true" }, figure),
    unit.length > 0 && el("span", { class: "unit", "aria-hidden": "true" }, words(unit)),
  );
}

/** A lane's wait, or what it is instead of open. */
function says(lane) {
  if (lane.state === "unknown") return el("p", { class: "wait" }, el("span", { class: "figure" }, "–"));
  if (lane.state !== "open") return sized(el("p", { class: "state" }, lines(lane.state)), widest(say(lane.state)));
  if (lane.high_min === 0) return sized(el("p", { class: "state none" }, lines("noWait")), widest(say("noWait")));
  return figures(lane);
}

/** How wide a name is that may be broken once, where it has a space or a hyphen. */
function brokenEms(name) {
  const breaks = [...name.matchAll(/[ -]/g)].map(({ index }) => index + 1);
  return Math.min(ems(name), ...breaks.map((at) => Math.max(ems(name.slice(0, at).trimEnd()), ems(name.slice(at)))));
}

function sized(node, width) {
  node.style.setProperty("--ems", width);
  return node;
}

/** How many stand there; of a lane that closes with how long it takes them. */
function people(lane) {
  if (lane.people === null || lane.state === "stopped") return null;
  const those = lane.state === "closing" && lane.high_min > 0;
  return el(
    "p",
    { class: "people" },
    icon("person", 40),
    el("span", { class: "count", "aria-hidden": "true" }, lane.people),
    el("span", { class: "out-of-sight" }, lines("people", { n: lane.people })),
    those && el("span", { class: "those" }, say("inLine", { wait: wait(lane).text })[0][1]),
  );
}

const isNamed = (lane) => lane.name.length > 2;

const sign = (lane, tag = "p") =>
  sized(el(tag, { class: `lane-sign ${isNamed(lane) ? "named" : ""}` }, lane.name), ems(lane.name));

/** The mark of the lane to take: the way there, where that is known, else a tick. */
const mark = (lane, size) =>
  el("span", { class: `tick ${lane.towards ?? ""}` }, icon(lane.towards ? "arrow" : "check", size));

const note = (kind, pairs) => el("p", { class: `note ${kind}` }, words(pairs));

/** What stands below a lane's wait: what to do about it, what is out of order, how old it is once that is worth saying. */
export function notes(lane, lateMs) {
  const found = [];
  if (lane.state === "closing") found.push(["do", say("another")]);
  if (lane.servers_stopped > 0 && ["open", "stopped"].includes(lane.state))
    found.push(["broken", say("broken", { n: lane.servers_stopped, of: lane.servers ?? "?" })]);
  const age = (lane.age_ms + lateMs) / 1000;
  if (lane.state === "unknown") found.push(["age", say("unknown")]);
  else if (age >= WORTH_SAYING_S) found.push(["age", [[languages()[0], ago(age, languages()[0])]]]);
  return found;
}

/** One lane's tile. `below` are its notes. */
export function tile(lane, isBest, below) {
  return el(
    "li",
    { class: `tile ${lane.state} ${isBest ? "best" : ""} ${below.length ? "noted" : ""}`, data: { lane: lane.lane } },
    el(
      "div",
      { class: "inside" },
      sign(lane),
      people(lane),
      el(
        "div",
        { class: "main" },
        says(lane),
        below.map(([kind, pairs]) => note(kind, pairs)),
      ),
      isBest && el("p", { class: "flag" }, mark(lane, 40), el("span", { class: "words" }, lines("take"))),
    ),
  );
}

/** The large panel: the recommended lane. */
export function bestPanel(lane, isShortest, below) {
  const key = isShortest ? "best" : "take";
  const where = sized(
    el("p", { class: `where ${isNamed(lane) ? "named" : ""}` }, el("span", { class: "name" }, lane.name)),
    isNamed(lane) ? brokenEms(lane.name) : ems(lane.name),
  );
  const told = says(lane);
  if (lane.high_min) told.style.setProperty("--ems", waitEms(lane));
  return el(
    "div",
    { class: "inside" },
    sized(
      el("p", { class: "call" }, mark(lane, 100), el("span", { class: "words" }, lines(key))),
      widest(say(key)) + 1.5,
    ),
    where,
    el("div", { class: "main" }, told, people(lane), below.filter(([kind]) => kind === "broken").map(([kind, pairs]) => note(kind, pairs))),
  );
}

/** What the large panel says when no lane is recommended, and what to do then. */
export function noPanel(lanes, isConnected) {
  const has = (state) => lanes.some((lane) => lane.state === state);
  let key = "noneTaking";
  if (isConnected && !lanes.length) key = "noLanes";
  else if (lanes.every((lane) => lane.state === "unknown")) key = "noData";
  else if (has("open")) key = "anyOpen";
  else if (has("opening")) key = "soonOpen";
  else if (lanes.every((lane) => lane.state === "closed")) key = "allClosed";
  return el(
    "div",
    { class: "inside" },
    el("p", { class: "call" }, lines(key)),
    el("p", { class: "hint" }, lines(`${key}.do`)),
  );
}

/** Closed lanes take no room of their own: their signs stand in one line. */
export function closedLanes(lanes) {
  if (!lanes.length) return [];
  return [
    el("p", { class: "rest-words" }, lines("closed")),
    el(
      "ul",
      {},
      lanes.map((lane) => el("li", { class: "closed", data: { lane: lane.lane } }, sign(lane, "span"))),
    ),
  ];
}
