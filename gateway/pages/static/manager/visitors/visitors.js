// The view of visitors: who came when by which door, how many bought, how long they stayed where, and how sure counts are.

import { byId, el, show } from "/shared/dom.js";
import { language, locale, t } from "/shared/i18n.js";
import { bars } from "/static/manager/bars.js";
import { dayChart, hourIn, legend } from "/static/manager/chart.js";
import { Feed, standIn } from "/static/manager/data.js";
import { csvLink, dayTools } from "/static/manager/day.js";
import { cameras, drawCameras, links } from "/static/manager/visitors/cameras.js";
import { drawHeat } from "/static/manager/visitors/heat.js";
import "/static/manager/queues/words.js";
import "/static/manager/visitors/words.js";

const EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;

const visitors = new Feed("/api/visitors/day");
const zones = new Feed("/api/visitors/zones");
const heat = new Feed("/api/visitors/heat");
let [day, today, camera] = ["", "", ""];
let loadedAt = 0;
let frame = null;
let shown = {};

async function load() {
  loadedAt = Date.now();
  const query = day ? `?day=${day}` : "";
  const heatQuery = camera ? `${query || "?"}${query ? "&" : ""}camera=${encodeURIComponent(camera)}` : query;
  await Promise.all([visitors.load(query), zones.load(query), heat.load(heatQuery), cameras.load()]);
  if (!day && visitors.value) today = visitors.value.day;
}

const again = () => load().then(() => draw(byId("view-visitors")));

function choose(name) {
  day = name === today ? "" : name;
  for (const feed of [visitors, zones, heat]) feed.clear();
  draw(byId("view-visitors"));
  again();
}

function part(name, feed, root, drawing) {
  const now = JSON.stringify([language(), feed.value, Boolean(feed.error), [...links.keys()]]);
  if (shown[name] === now) return;
  shown[name] = now;
  const missing = standIn(feed, again);
  if (missing) show(root, missing);
  else show(root, drawing());
}

function draw(root) {
  if (!frame || frame.key !== `${language()}/${day}/${today}`) {
    const stack = () => el("div", { class: "stack" });
    frame = { key: `${language()}/${day}/${today}`, day: stack(), zones: stack(), heat: stack(), drift: stack(), cameras: stack() };
    shown = {};
    show(
      root,
      today && dayTools(day || today, today, choose),
      frame.day,
      el("div", { class: "two" }, frame.zones, frame.heat),
      frame.drift,
      frame.cameras,
    );
  }
  part("day", visitors, frame.day, () => drawDay(visitors.value));
  part("drift", visitors, frame.drift, () => driftCard(visitors.value.drift));
  part("zones", zones, frame.zones, () => drawZones(zones.value));
  part("heat", heat, frame.heat, () =>
    drawHeat(heat.value, (name) => {
      camera = name;
      heat.clear();
      again();
    }),
  );
  part("cameras", cameras, frame.cameras, () => drawCameras(again));
}

const figure = (value, name) =>
  el("div", { class: "figure" }, el("b", { class: "number" }, value), el("span", { class: "soft" }, t(name)));

const percent = (share) => (share === null ? "–" : `${Math.round(100 * share)} %`);

function drawDay(found) {
  const { hours, doors, drift } = found;
  if (hours.length === 0 && drift.length === 0) return [el("p", { class: "card empty" }, t("visitors.none"))];
  return [
    el(
      "section",
      { class: "card figures" },
      figure(found.entered, "total.visitors"),
      day === "" && figure(Math.max(found.entered - found.left, 0), "total.insideNow"),
      figure(found.sales, "total.sales"),
      figure(percent(found.conversion), "total.conversion"),
    ),
    hours.length > 0 &&
      el(
        "div",
        { class: "two" },
        picture("visitors.hours", hoursChart(found, hours), ["entered", "left"]),
        picture("visitors.inside", insideChart(found), ["inside", "conversion"]),
      ),
    doors.length > 1 && el("h2", {}, t("visitors.doors")),
    doors.length > 1 &&
      el(
        "div",
        { class: "lane-charts" },
        doors.map((door) =>
          el(
            "section",
            { class: "card picture" },
            el("h3", {}, `${door.door} · ${door.entered}`),
            hoursChart(found, door.hours, 130),
          ),
        ),
      ),
    el("p", {}, csvLink(`/api/visitors/day.csv?day=${found.day}`)),
  ].filter(Boolean);
}

const picture = (title, chart, signs) =>
  el(
    "section",
    { class: "card picture" },
    el("h2", {}, t(title)),
    legend(signs.map((name) => [name, t(`sign.${name}`)])),
    chart,
  );

function span({ hours, to_ms }) {
  const from = hours[0].t_ms;
  return { from, to: Math.min(Math.max(hours.at(-1).t_ms + HOUR_MS, from + 3 * HOUR_MS), to_ms) };
}

function reading(found, hours) {
  const hour = hourIn(found.time_zone);
  return (ms) => {
    const one = hours.find(({ t_ms }) => t_ms <= ms && ms < t_ms + HOUR_MS);
    if (!one) return t("read.none", { time: hour(ms) });
    const { entered, left, inside, sales } = one;
    return t("read.hour", { time: hour(one.t_ms), in: entered, out: left, inside, sales });
  };
}

const hoursChart = (found, hours, height = 240) =>
  dayChart({
    ...span(found),
    zone: found.time_zone,
    label: t("visitors.hours"),
    height,
    format: (value) => String(Math.round(value)),
    layers: [
      { kind: "columns", name: "entered", width: HOUR_MS / 2, points: hours.map((one) => [one.t_ms, one.entered]) },
      {
        kind: "columns",
        name: "left",
        width: HOUR_MS / 2,
        points: hours.map((one) => [one.t_ms + HOUR_MS / 2, one.left]),
      },
    ],
    readout: reading(found, hours),
  });

const insideChart = (found) =>
  dayChart({
    ...span(found),
    zone: found.time_zone,
    label: t("visitors.inside"),
    format: (value) => String(Math.round(value)),
    layers: [
      { kind: "step", name: "inside", width: HOUR_MS, points: found.hours.map((one) => [one.t_ms, one.inside]) },
      {
        kind: "line",
        name: "conversion",
        width: HOUR_MS,
        points: found.hours.map((one) => [
          one.t_ms + HOUR_MS / 2,
          one.conversion === null ? null : 100 * one.conversion,
        ]),
      },
    ],
    readout: reading(found, found.hours),
  });

const dayWords = (name) =>
  new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${name}T12:00:00Z`),
  );

function driftCard(drift) {
  return el(
    "section",
    { class: "card picture" },
    el("h2", {}, t("visitors.drift")),
    el("p", { class: "soft small" }, t("visitors.driftHelp")),
    drift.length === 0
      ? el("p", { class: "soft" }, t("visitors.noDrift"))
      : bars(
          drift.map((one) => ({
            label: dayWords(one.day),
            value: Math.abs(one.drift),
            text: `${one.drift > 0 ? "+" : ""}${one.drift} / ${one.entered}`,
          })),
        ),
  );
}

function drawZones({ zones: found, day: name }) {
  return el(
    "section",
    { class: "card picture" },
    el("h2", {}, t("visitors.zones")),
    found.length === 0
      ? el("p", { class: "soft" }, t("visitors.noZones"))
      : [
          bars(
            found.map((zone) => ({
              label: `${zone.zone} · ${t("zone.visits", { n: zone.visits })}`,
              value: zone.dwell_s ?? 0,
              text: zone.dwell_s === null ? "–" : t("seconds", { n: Math.round(zone.dwell_s) }),
            })),
          ),
          el("p", {}, csvLink(`/api/visitors/zones.csv?day=${name}`)),
        ],
  );
}

export const visitorsView = {
  load,
  draw,
  isDue: () => day === "" && Date.now() - loadedAt > EVERY_MS,
  forget: () => (frame = null),
};
