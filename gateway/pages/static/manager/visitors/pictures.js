// A day of visitors as pictures: in and out by hour and door, who was inside, sales per visitor, and the counts' drift.

import { dayChart, hourIn, legend, numbers } from "/shared/chart.js";
import { el } from "/shared/dom.js";
import { locale, t } from "/shared/i18n.js";
import { bars } from "/static/manager/bars.js";
import { csvLink, freshness, printHead } from "/static/manager/day.js";
import { change, otherName } from "/static/manager/queues/said.js";

const HOUR_MS = 3_600_000;

const figure = (value, name) =>
  el("div", { class: "figure" }, el("b", { class: "number" }, value), el("span", { class: "soft" }, t(name)));

const percent = (share) => (share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`);

/** The whole day; `other` is what it is compared with, or null. */
export function drawDay(found, other, tools) {
  const { hours, doors, drift } = found;
  if (hours.length === 0 && drift.length === 0) {
    const hint = el("p", { class: "soft small" }, t("visitors.none.hint"));
    return [el("div", { class: "card empty" }, el("p", {}, t("visitors.none")), hint)];
  }
  if (hours.length === 0) return [el("p", { class: "card empty" }, t("visitors.none.today"))];
  const isCompared = other?.hours.length > 0;
  const usual = isCompared && ["usual", t(`sign.${tools.compared}`)];
  return [
    printHead(found, t("view.visitors")),
    el(
      "section",
      { class: "card figures" },
      figure(found.entered, "total.visitors"),
      !tools.day && figure(Math.max(found.entered - found.left, 0), "total.insideNow"),
      figure(found.sales, "total.sales"),
      figure(percent(found.conversion), "total.conversion"),
    ),
    el(
      "section",
      { class: "card said-day" },
      sentences(found, other, tools).map(({ text, kind = "" }) => el("p", { class: kind }, text)),
      !tools.day && freshness(found.newest_ms),
    ),
    picture("visitors.hours", hoursChart(found, hours, { other }), [
      ["entered", t("sign.entered")],
      ["left", t("sign.left")],
      usual,
      found.gaps.length > 0 && ["gap", t("sign.gap")],
    ]),
    el(
      "div",
      { class: "two" },
      picture("visitors.inside", insideChart(found), [["inside", t("sign.inside")]]),
      picture("visitors.conversion", conversionChart(found, other), [["conversion", t("sign.conversion")], usual]),
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
            hoursChart(found, door.hours, { height: 130, name: door.door }),
          ),
        ),
      ),
    el("section", { class: "card" }, hourTable(found)),
    el(
      "p",
      { class: "day-files" },
      csvLink(`/api/visitors/day.csv?day=${found.day}`),
      csvLink(`/api/visitors/hours.csv?day=${found.day}`, t("day.csv.hours")),
    ),
  ].filter(Boolean);
}

const GAPS_SAID = 4;

function gapWords({ gaps, time_zone: zone }) {
  const hour = hourIn(zone);
  const said = gaps.slice(0, GAPS_SAID).map(({ door, from_ms, to_ms }) => ({
    kind: "warn",
    text: t("said.gap.door", { door, from: hour(from_ms), to: hour(to_ms) }),
  }));
  const more = gaps.length - said.length;
  return more > 0 ? [...said, { kind: "warn", text: t("said.gap.doors", { n: more }) }] : said;
}

/** What the day means, and where doors were not counted. */
const sentences = (found, other, tools) => [...meaning(found, other, tools), ...gapWords(found)];

function meaning({ day, hours, entered, conversion, time_zone: zone }, other, tools) {
  const hour = hourIn(zone);
  const most = hours.reduce((best, one) => (one.entered > best.entered ? one : best), hours[0]);
  const times = { from: hour(most.t_ms), to: hour(most.t_ms + HOUR_MS) };
  const busiest = most.entered > 0 && { text: t("said.most", { ...times, n: most.entered }) };
  if (!other) return [busiest].filter(Boolean);
  if (!other.days.length) return [busiest, { kind: "soft", text: t("said.nothing") }].filter(Boolean);
  const came = change(entered, other.entered, "said.came");
  const bought =
    conversion !== null &&
    other.conversion !== null &&
    t("said.bought", { now: percent(conversion), before: percent(other.conversion) });
  const name = otherName(day, other.days, tools.compared);
  return [busiest, { text: [t("said.with", { name }), came?.text, bought].filter(Boolean).join(" ") }].filter(Boolean);
}

const picture = (title, chart, signs) =>
  el("section", { class: "card picture" }, el("h2", {}, t(title)), legend(signs.filter(Boolean)), chart);

function span({ hours, to_ms }) {
  const from = hours[0].t_ms;
  return { from, to: Math.min(Math.max(hours.at(-1).t_ms + HOUR_MS, from + 3 * HOUR_MS), to_ms) };
}

function reading(found, hours, write) {
  const hour = hourIn(found.time_zone);
  return (ms) => {
    const one = hours.find(({ t_ms }) => t_ms <= ms && ms < t_ms + HOUR_MS);
    return one ? write(one, hour(one.t_ms)) : t("read.none", { time: hour(ms) });
  };
}

const hourWords = ({ entered, left, inside, sales }, time) =>
  t("read.hour", { time, in: entered, out: left, inside, sales });

const frame = (found, key) => ({ ...span(found), zone: found.time_zone, step: HOUR_MS, key: `visitors.${key}` });

const hoursChart = (found, hours, { other = null, height = 240, name = "" }) =>
  dayChart({
    ...frame(found, `hours ${name}`),
    // Where any door was not counted, the sum is too small.
    gaps: found.gaps.filter(({ door }) => !name || door === name).map(({ from_ms, to_ms }) => [from_ms, to_ms]),
    label: name ? `${t("visitors.hours")}: ${name}` : t("visitors.hours"),
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
      other && {
        kind: "step",
        name: "usual",
        width: HOUR_MS,
        points: other.hours.map((one) => [one.t_ms, one.entered]),
      },
    ].filter(Boolean),
    readout: reading(found, hours, hourWords),
  });

const insideChart = (found) =>
  dayChart({
    ...frame(found, "inside"),
    label: t("visitors.inside"),
    format: (value) => String(Math.round(value)),
    layers: [{ kind: "step", name: "inside", width: HOUR_MS, points: found.hours.map((one) => [one.t_ms, one.inside]) }],
    readout: reading(found, found.hours, hourWords),
  });

const conversionChart = (found, other) =>
  dayChart({
    ...frame(found, "conversion"),
    label: t("visitors.conversion"),
    format: (value) => `${Math.round(value)} %`,
    most: 100,
    layers: [
      { kind: "step", name: "conversion", width: HOUR_MS, points: shares(found.hours) },
      other && {
        kind: "step",
        name: "usual",
        width: HOUR_MS,
        points: shares(other.hours),
      },
    ].filter(Boolean),
    readout: reading(found, found.hours, ({ sales, entered, conversion }, time) =>
      t("read.conversion", { time, sales, in: entered, share: percent(conversion) }),
    ),
  });

const shares = (hours) => hours.map((one) => [one.t_ms, one.conversion === null ? null : 100 * one.conversion]);

function hourTable(found) {
  const hour = hourIn(found.time_zone);
  const rows = found.hours.map((one) => [
    hour(one.t_ms), one.entered, one.left, one.inside, one.sales, percent(one.conversion),
  ]);
  const heads = ["hour", "in", "out", "inside", "sales", "conversion"].map((name) => t(`col.${name}`));
  return numbers(t("day.numbers"), heads, rows, "visitors");
}

const dayWords = (name) =>
  new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${name}T12:00:00Z`),
  );

/** How far the counts of the last days were from nothing when the day was over. */
export function driftCard(drift) {
  return el(
    "section",
    { class: "card picture" },
    el("h2", {}, t("visitors.drift")),
    el("p", { class: "soft small" }, t("visitors.driftHelp")),
    drift.length === 0
      ? el("p", { class: "soft" }, t("visitors.noDrift"))
      : [
          bars(
            drift.map((one) => ({
              label: dayWords(one.day),
              value: Math.abs(one.drift),
              text: `${one.drift > 0 ? "+" : ""}${one.drift} / ${one.entered} · ${driftShare(one)}`,
            })),
          ),
          el("p", { class: "day-files" }, csvLink("/api/visitors/drift.csv")),
        ],
  );
}

const driftShare = ({ share }) => (share === null ? "–" : `${(100 * Math.abs(share)).toFixed(1)} %`);
