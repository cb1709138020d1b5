// The view of queues: how many lanes are needed now and soon, and a day of queues with what was told and what happened.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { language, t, has } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { dayChart, hourIn, legend } from "/static/manager/chart.js";
import { Feed, standIn } from "/static/manager/data.js";
import { csvLink, dayTools } from "/static/manager/day.js";
import "/static/manager/queues/words.js";
import { why } from "/static/refusals.js";

const EVERY_MS = 30_000;
const STEP_MIN = 5;
const STEP_MS = STEP_MIN * 60_000;

const advice = new Feed("/api/queues/now");
const queues = new Feed("/api/queues/day");
let day = ""; // the store's today until somebody chooses
let today = "";
let loadedAt = 0;
let frame = null;
let shown = {};

async function load() {
  loadedAt = Date.now();
  const query = `?step=${STEP_MIN}${day ? `&day=${day}` : ""}`;
  await Promise.all([advice.load(), queues.load(query)]);
  if (!day && queues.value) today = queues.value.day;
}

const again = () => load().then(() => draw(byId("view-queues")));

function choose(name) {
  day = name === today ? "" : name;
  queues.clear();
  draw(byId("view-queues"));
  again();
}

/** Draw a part only when its answer is another: a picture that somebody reads stays. */
function part(name, feed, root, drawing) {
  const now = JSON.stringify([language(), feed.value, Boolean(feed.error)]);
  if (shown[name] === now) return;
  shown[name] = now;
  const missing = standIn(feed, again);
  if (missing) show(root, missing);
  else drawing();
}

function draw(root) {
  if (!frame || frame.language !== language() || frame.day !== day || frame.today !== today) {
    frame = { language: language(), day, today, ahead: el("div"), day_: el("div", { class: "stack" }) };
    shown = {};
    show(root, frame.ahead, today && dayTools(day || today, today, choose), frame.day_);
  }
  frame.ahead.hidden = day !== "";
  part("ahead", advice, frame.ahead, () => show(frame.ahead, drawAhead(advice.value)));
  part("day", queues, frame.day_, () => show(frame.day_, drawDay(queues.value)));
}

// --- lanes ahead -------------------------------------------------------------------------------------------------

function drawAhead(said) {
  if (said.length === 0) return el("p", { class: "card soft" }, t("ahead.none"));
  return said.map((one) =>
    el(
      "section",
      { class: "card ahead" },
      el(
        "div",
        { class: "ahead-steps" },
        step(t("ahead.open"), one.lanes_open, one.lanes_open, ""),
        one.outlooks.map(({ minutes, needed, reason, amount }) =>
          step(
            minutes === 0 ? t("ahead.0") : t("ahead.n", { n: minutes }),
            needed,
            one.lanes_open,
            has(`why.${reason}`) ? t(`why.${reason}`, { n: Math.round(amount ?? 0) }) : "",
          ),
        ),
      ),
      el("p", { class: "ahead-do" }, ...todo(one)),
    ),
  );
}

/** Say something of a lane: shoppers see it on the store screen. `options` are those of the toast that says so. */
async function say(lane, word, text, options = {}) {
  try {
    await call("POST", `/api/lanes/${lane}/${word}`);
    toast(t(text, { id: lane }), { kind: "good", ...options });
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    toast(why(error), { kind: "bad", seconds: 12 });
  }
}

const goOpen = (lane) => say(lane, "opening", "ahead.told");
const stayOpen = (lane) => say(lane, "opened", "ahead.toldStays");
const goClose = (lane) =>
  say(lane, "closing", "ahead.toldClose", {
    seconds: 12,
    action: { label: t("ahead.stays"), run: () => stayOpen(lane) },
  });

const lanes = (ids) => ids.map((id) => t("ahead.lane", { id })).join(", ");

function todo({ open, close }) {
  if (open.length)
    return [
      icon("plus", 26),
      el("b", {}, t("ahead.doOpen", { lanes: lanes(open) })),
      open.map((lane) =>
        el("button", { type: "button", onclick: () => goOpen(lane) }, t("ahead.onTheWay", { id: lane })),
      ),
    ];
  if (close.length)
    return [
      icon("minus", 26),
      el("b", {}, t("ahead.doClose", { lanes: lanes(close) })),
      close.map((lane) => el("button", { type: "button", onclick: () => goClose(lane) }, t("ahead.lastOnes", { id: lane }))),
    ];
  return [icon("check", 26), t("ahead.fits")];
}

/** A number of lanes as blocks: full ones are open, hollow ones are missing, striped ones are too many. */
function step(title, needed, open, why) {
  const blocks = Array.from({ length: Math.min(Math.max(needed, open), 20) }, (_one, index) =>
    el("i", { class: index >= needed ? "spare" : index >= open ? "missing" : "" }),
  );
  const kind = needed > open ? "more" : needed < open ? "fewer" : "";
  return el(
    "div",
    { class: `ahead-step ${kind}` },
    el("p", { class: "soft" }, title),
    el("b", { class: "ahead-figure number" }, needed),
    el("div", { class: "blocks", "aria-hidden": "true" }, blocks),
    why && el("p", { class: "soft small" }, why),
  );
}

// --- the day -----------------------------------------------------------------------------------------------------

const duration = (seconds) => {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 90 ? t("seconds", { n: Math.round(seconds) }) : t("minutes", { n: (seconds / 60).toFixed(1) });
};

const figure = (value, name) =>
  el("div", { class: "figure" }, el("b", { class: "number" }, value), el("span", { class: "soft" }, t(name)));

function drawDay(found) {
  const { totals, bins } = found;
  if (bins.length === 0) return [el("p", { class: "card empty" }, t("queues.none"))];
  return [
    el(
      "section",
      { class: "card figures" },
      figure(totals.served, "total.served"),
      totals.abandoned !== null && figure(totals.abandoned, "total.abandoned"),
      totals.waited_s !== null && figure(duration(totals.waited_s), "total.waited"),
      totals.error_s !== null && figure(duration(totals.error_s), "total.error"),
      totals.within_bound !== null && figure(`${Math.round(100 * totals.within_bound)} %`, "total.bound"),
    ),
    picture("queues.people", "queues.peopleHelp", peopleChart(found), [
      ["people", t("sign.people")],
      ["open", t("sign.open")],
    ]),
    picture("queues.wait", "queues.waitHelp", waitChart(found), [
      ["waited", t("sign.waited")],
      ["told", t("sign.told")],
      ["bound", t("sign.bound")],
    ]),
    el("h2", {}, t("queues.lanes")),
    el("div", { class: "lane-charts" }, found.lanes.map((lane) => laneCard(lane, found))),
    el("p", {}, csvLink(`/api/queues/day.csv?day=${found.day}`)),
  ];
}

const picture = (title, help, chart, signs) =>
  el(
    "section",
    { class: "card picture" },
    el("h2", {}, t(title)),
    el("p", { class: "soft small" }, t(help)),
    legend(signs),
    chart,
  );

/** From the first word of the day to the last, whole hours: an empty night says nothing. */
function span({ from_ms, to_ms, bins }) {
  const hour = 3_600_000;
  const from = from_ms + Math.floor((bins[0].t_ms - from_ms) / hour) * hour;
  const to = from_ms + Math.ceil((bins.at(-1).t_ms + STEP_MS - from_ms) / hour) * hour;
  return { from, to: Math.min(Math.max(to, from + 2 * hour), to_ms) };
}

const tenth = (value) => Math.round(value * 10) / 10;

const at = (bins, ms) => bins.find(({ t_ms }) => t_ms <= ms && ms < t_ms + STEP_MS);

function peopleChart(found) {
  const { bins, time_zone: zone } = found;
  const hour = hourIn(zone);
  return dayChart({
    ...span(found),
    zone,
    label: t("queues.people"),
    format: (value) => String(tenth(value)),
    layers: [
      { kind: "area", name: "people", width: STEP_MS, points: bins.map(({ t_ms, people }) => [t_ms, people]) },
      { kind: "step", name: "open", width: STEP_MS, points: bins.map(({ t_ms, lanes_open }) => [t_ms, lanes_open]) },
    ],
    readout: (ms) => {
      const bin = at(bins, ms);
      if (!bin) return t("read.none", { time: hour(ms) });
      return t("read.queue", { time: hour(bin.t_ms), people: tenth(bin.people), open: tenth(bin.lanes_open), served: bin.served });
    },
  });
}

function waitChart(found) {
  const { bins, time_zone: zone } = found;
  const hour = hourIn(zone);
  const points = (name) => bins.map((bin) => [bin.t_ms, bin[name] === null ? null : bin[name] / 60]);
  return dayChart({
    ...span(found),
    zone,
    label: t("queues.wait"),
    format: (value) => t("minutes", { n: tenth(value) }),
    layers: [
      {
        kind: "band",
        name: "bound",
        width: STEP_MS,
        points: bins.map(({ t_ms, wait_high_s: high }) => (high === null ? [t_ms, null] : [t_ms, 0, high / 60])),
      },
      { kind: "line", name: "told", width: STEP_MS, points: points("foretold_s") },
      { kind: "line", name: "waited", width: STEP_MS, points: points("waited_s") },
    ],
    readout: (ms) => {
      const bin = at(bins, ms);
      if (!bin) return t("read.none", { time: hour(ms) });
      return t("read.wait", { time: hour(bin.t_ms), waited: duration(bin.waited_s), told: duration(bin.foretold_s) });
    },
  });
}

function laneCard(lane, found) {
  const hour = hourIn(found.time_zone);
  const most = Math.max(...found.lanes.flatMap(({ bins }) => bins.map(({ people }) => people)), 1);
  return el(
    "section",
    { class: "card picture" },
    el("h3", {}, t("ahead.lane", { id: lane.lane })),
    dayChart({
      ...span(found),
      zone: found.time_zone,
      label: t("ahead.lane", { id: lane.lane }),
      height: 120,
      most,
      format: (value) => String(tenth(value)),
      layers: [
        { kind: "area", name: "people", width: STEP_MS, points: lane.bins.map(({ t_ms, people }) => [t_ms, people]) },
      ],
      readout: (ms) => {
        const bin = at(lane.bins, ms);
        if (!bin) return t("read.none", { time: hour(ms) });
        return t("read.queue", { time: hour(bin.t_ms), people: tenth(bin.people), open: tenth(bin.lanes_open), served: bin.served });
      },
    }),
  );
}

export const queuesView = {
  load,
  draw,
  isDue: () => day === "" && Date.now() - loadedAt > EVERY_MS,
  forget: () => (frame = null),
};
