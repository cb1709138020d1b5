// Labelling: ten pictures, touch people, and the settings that count them best.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { byId, el, icon, show, svg } from "/shared/dom.js";
import { languageButton, onLanguage, t, translate } from "/shared/i18n.js";
import { theme } from "/shared/theme.js";
import { toast } from "/shared/toast.js";
import "/static/words.js";

const NEAR = 0.03; // of the picture's width: so near to a mark a touch removes it

let state = null;
let at = 0;
let marks = []; // [x, y] as fractions, of the picture at hand
let result = null;

async function load() {
  try {
    const before = state?.frames.length ?? 0;
    state = await call("GET", "/api/tune");
    if (before === 0 && state.frames.length > 0) go(0);
    else if (!result) draw();
  } catch (error) {
    if (error instanceof Refusal) return say(error.hint || error.message);
    if (error instanceof Unreachable) return say(t("gone"));
    throw error;
  }
  if (!state.problem && state.frames.length < state.wanted) setTimeout(load, 1000);
  return undefined;
}

const say = (text) => show(byId("main"), el("p", { class: "card" }, text));

function go(number) {
  at = number;
  result = null;
  const frame = state.frames[at];
  marks = frame.people ?? frame.boxes.map(([x0, y0, x1, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2]);
  draw();
}

function touch(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const spot = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  const frame = state.frames[at];
  const away = ([x, y]) => Math.hypot(x - spot[0], ((y - spot[1]) * frame.height) / frame.width);
  const near = marks.findIndex((mark) => away(mark) < NEAR);
  marks = near >= 0 ? marks.filter((_mark, index) => index !== near) : [...marks, spot];
  draw();
}

function remove(index) {
  marks = marks.filter((_mark, other) => other !== index);
  draw();
}

async function confirm() {
  state.frames[at] = await call("PUT", `/api/tune/frames/${at}`, { people: marks });
  const next = state.frames.findIndex((frame) => frame.people === null);
  if (next >= 0) go(next);
  else if (state.frames.length < state.wanted) draw();
  else await finish();
}

async function finish() {
  result = await call("POST", "/api/tune/result");
  draw();
}

async function save() {
  try {
    const said = await call("POST", "/api/tune/save", result.best);
    toast(t("saved", said), { seconds: 30, kind: "good" });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    toast(`${error.message} ${error.hint}`, { seconds: 30, kind: "bad" });
  }
}

function draw() {
  if (!state) return;
  byId("camera").textContent = t("camera", { name: state.camera });
  if (state.problem && state.frames.length === 0) return say(state.problem);
  show(byId("main"), ...progress(), ...(result ? drawResult() : drawFrame()));
  return undefined;
}

function progress() {
  const { frames, wanted } = state;
  const notes = [];
  if (state.problem) notes.push(el("p", { class: "card", role: "alert" }, state.problem));
  if (frames.length < wanted && !state.problem) {
    notes.push(
      el(
        "div",
        { class: "card", role: "status" },
        el("p", {}, t("taking", { n: frames.length, of: wanted })),
        el("progress", { max: wanted, value: frames.length }),
        el("p", { class: "soft small" }, t("takingHelp")),
      ),
    );
  }
  return notes;
}

function drawFrame() {
  const frame = state.frames[at];
  if (!frame) return [];
  const labelled = state.frames.filter((one) => one.people !== null).length;
  const stage = el("div", { class: "stage", onclick: touch });
  stage.append(el("img", { src: `/api/tune/frames/${at}`, alt: "", width: frame.width, height: frame.height }));
  stage.style.setProperty("--shape", frame.width / frame.height);
  stage.append(...region(), ...marks.map(mark));
  return [
    el("p", { class: "soft" }, t("frame", { n: at + 1, of: state.wanted }), " · ", t("people", { n: marks.length })),
    stage,
    el("h2", {}, t("question")),
    el("p", { class: "soft" }, t("help"), state.region[2] - state.region[0] < 1 ? ` ${t("inside")}` : ""),
    el(
      "div",
      { class: "actions" },
      el("button", { type: "button", class: "primary", id: "right", onclick: confirm }, t("right")),
      el("button", { type: "button", onclick: () => ((marks = []), draw()) }, t("clear")),
      labelled > 0 && el("button", { type: "button", id: "result", onclick: finish }, t("resultAt", { n: labelled })),
    ),
    dots(),
  ];
}

/** What the camera looks at: who stands outside of it counts for nobody. */
function region() {
  const [left, top, right, bottom] = state.region;
  if (right - left >= 1 && bottom - top >= 1) return [];
  const node = el("div", { class: "region" });
  const percent = (share) => `${100 * share}%`;
  Object.assign(node.style, {
    left: percent(left),
    top: percent(top),
    width: percent(right - left),
    height: percent(bottom - top),
  });
  return [node];
}

function mark([x, y], index) {
  const node = el(
    "button",
    {
      type: "button",
      class: "mark-person",
      "aria-label": t("mark", { n: index + 1 }),
      onclick: (event) => {
        event.stopPropagation();
        remove(index);
      },
      onkeydown: (event) => ["Delete", "Backspace"].includes(event.key) && remove(index),
    },
    el("span", {}, index + 1),
  );
  node.style.left = `${100 * x}%`;
  node.style.top = `${100 * y}%`;
  return node;
}

const dots = () =>
  el(
    "nav",
    { class: "dots" },
    state.frames.map((frame, number) =>
      el(
        "button",
        {
          type: "button",
          class: frame.people === null ? "" : "done",
          "aria-current": !result && number === at ? "step" : null,
          "aria-label": t("frame", { n: number + 1, of: state.wanted }),
          onclick: () => go(number),
        },
        frame.people === null ? number + 1 : `${number + 1} ✓`,
      ),
    ),
  );

const figure = (title, error, more) =>
  el(
    "section",
    { class: "card" },
    el("h2", {}, title),
    el("p", { class: "figure" }, error.count.toFixed(2)),
    el("p", { class: "soft" }, t("errorPer")),
    el(
      "p",
      { class: "small" },
      t("missed", { n: error.missed.toFixed(1) }),
      " · ",
      t("false", { n: error.false.toFixed(1) }),
    ),
    more.map((line) => el("p", { class: "soft small" }, line)),
  );

function drawResult() {
  const labelled = state.frames.filter((one) => one.people !== null).length;
  const isBetter = result.error.count < result.before.count - 0.05;
  const slow = result.frame_ms[result.best.look] * result.fps > 1000;
  return [
    el(
      "div",
      { class: "figures" },
      figure(t("errorNow"), result.before, says(result.now)),
      figure(t("errorBest"), result.error, says(result.best)),
    ),
    el("p", {}, t("expected", { n: result.expected.toFixed(2) })),
    labelled < state.wanted && el("p", { class: "soft" }, t("few", { n: labelled })),
    slow && el("p", { role: "alert" }, t("slow", { fps: result.fps })),
    !isBetter && el("p", {}, t("keep")),
    el("section", { class: "card" }, el("h2", {}, t("curve")), curve(), el("p", { class: "soft small" }, t("curveHelp"))),
    el(
      "div",
      { class: "actions" },
      el("button", { type: "button", class: isBetter ? "primary" : "", id: "save", onclick: save }, t("save")),
      el("button", { type: "button", onclick: () => go(at) }, t("more")),
    ),
    dots(),
  ].filter(Boolean);
}

function says({ look, threshold }) {
  const [where, tiles] = look.split(" ");
  const [columns, rows] = tiles.split("x").map(Number);
  const parts = columns * rows > 1 ? `, ${t("tiles", { n: columns * rows })}` : "";
  const ms = result.frame_ms[look];
  return [
    `${t("threshold")} ${threshold.toFixed(2)}`,
    `${t("look")}: ${t(`look.${where}`)}${parts}`,
    ms === undefined ? "" : t("time", { n: Math.round(ms) }),
  ];
}

/** Miscounted people by threshold, the chosen look strong, the others faint. */
function curve() {
  const [width, height, left, bottom] = [640, 240, 40, 28];
  const { thresholds, curves, best } = result;
  const most = Math.max(1, Math.min(6, ...Object.values(curves).map((values) => Math.max(...values))));
  const x = (threshold) => left + ((threshold - thresholds[0]) / (thresholds.at(-1) - thresholds[0])) * (width - left - 8);
  const y = (error) => 8 + (1 - Math.min(error, most) / most) * (height - bottom - 8);
  const node = svg("svg", { class: "curve", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("curve") });
  for (const tick of [0, most / 2, most]) {
    node.append(svg("line", { class: "axis", x1: left, x2: width - 8, y1: y(tick), y2: y(tick) }));
    node.append(svg("text", { x: 2, y: y(tick) + 4 }, tick.toFixed(1)));
  }
  for (const tick of [0.2, 0.4, 0.6, 0.8]) node.append(svg("text", { x: x(tick) - 9, y: height - 6 }, tick.toFixed(1)));
  for (const [look, values] of Object.entries(curves)) {
    const points = values.map((error, index) => `${x(thresholds[index])},${y(error)}`).join(" ");
    node.append(svg("polyline", { points, class: look === best.look ? "best" : "" }));
  }
  node.append(svg("circle", { cx: x(best.threshold), cy: y(result.error.count), r: 6 }));
  return node;
}

show(byId("theme"), icon("sun"));
byId("theme").addEventListener("click", theme("tune"));
languageButton(byId("language"));
onLanguage(draw);
translate();
load();
