// A day of queues as pictures: people and lanes, what was told and what happened, lane by lane; and as numbers.

import { dayChart, hourIn, legend, numbers } from "/shared/chart.js";
import { el } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { csvLink, freshness, printHead } from "/static/manager/day.js";
import { duration, sentences, tenth } from "/static/manager/queues/said.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const figure = (value, name) =>
  el("div", { class: "figure" }, el("b", { class: "number" }, value), el("span", { class: "soft" }, t(name)));

/** The whole day, of which something is known; `other` is what it is compared with, or null. */
export function drawDay(found, other, tools) {
  const { totals, bins } = found;
  if (bins.length === 0) {
    const hint = !tools.day && el("p", { class: "soft small" }, t("queues.none.hint"));
    return [el("div", { class: "card empty" }, el("p", {}, t("queues.none")), hint)];
  }
  return [
    printHead(found, t("view.queues")),
    el(
      "section",
      { class: "card figures" },
      figure(totals.served, "total.served"),
      totals.joined !== null && figure(totals.joined, "total.joined"),
      totals.abandoned !== null && figure(totals.abandoned, "total.abandoned"),
      totals.changed !== null && figure(totals.changed, "total.changed"),
      totals.waited_s !== null && figure(duration(totals.waited_s), "total.waited"),
      totals.error_s !== null && figure(duration(totals.error_s), "total.error"),
      totals.within_bound !== null && figure(`${Math.round(100 * totals.within_bound)} %`, "total.bound"),
    ),
    el(
      "section",
      { class: "card said-day" },
      sentences(found, other, tools).map(({ text, kind = "" }) => el("p", { class: kind }, text)),
      !tools.day && freshness(found.newest_ms),
    ),
    picture("queues.people", "queues.peopleHelp", peopleChart(found, other), [
      ["people", t("sign.people")],
      ["open", t("sign.open")],
      found.advised.length > 0 && ["advised", t("sign.advised")],
      other?.bins.length > 0 && ["usual", t(`sign.${tools.compared}`)],
      found.gaps.length > 0 && ["gap", t("sign.gap")],
    ]),
    picture("queues.wait", "queues.waitHelp", waitChart(found, other), [
      ["waited", t("sign.waited")],
      ["told", t("sign.told")],
      ["bound", t("sign.bound")],
      other?.bins.length > 0 && ["usual", t(`sign.${tools.compared}`)],
    ]),
    el("section", { class: "card" }, hourTable(found)),
    el("h2", {}, t("queues.lanes")),
    el("div", { class: "lane-charts" }, found.lanes.map((lane) => laneCard(lane, found))),
    el("p", { class: "soft small" }, t("queues.whom")),
    el(
      "p",
      { class: "day-files" },
      csvLink(`/api/queues/day.csv?day=${found.day}`),
      csvLink(`/api/queues/bins.csv?day=${found.day}`, t("day.csv.hours")),
    ),
  ].filter(Boolean);
}

const picture = (title, help, chart, signs) =>
  el(
    "section",
    { class: "card picture" },
    el("h2", {}, t(title)),
    el("p", { class: "soft small" }, t(help)),
    legend(signs.filter(Boolean)),
    chart,
  );

/** From the first word of the day to the last, whole hours: an empty night says nothing. */
function span({ from_ms, to_ms, bins, step_min: step }) {
  const from = from_ms + Math.floor((bins[0].t_ms - from_ms) / HOUR_MS) * HOUR_MS;
  const to = from_ms + Math.ceil((bins.at(-1).t_ms + step * MINUTE_MS - from_ms) / HOUR_MS) * HOUR_MS;
  return { from, to: Math.min(Math.max(to, from + 2 * HOUR_MS), to_ms) };
}

const at = (bins, ms, width) => bins.find(({ t_ms }) => t_ms <= ms && ms < t_ms + width);
const known = (value) => (value === null ? "–" : tenth(value));

/** What every picture of the day shares. */
function frame(found, lane = null) {
  const step = found.step_min * MINUTE_MS;
  const gaps = found.gaps.filter((gap) => gap.lane === null || gap.lane === lane);
  return { ...span(found), zone: found.time_zone, step, gaps: gaps.map(({ from_ms, to_ms }) => [from_ms, to_ms]) };
}

/** What was at a time of the day, in words. */
function reading(found, bins, write) {
  const hour = hourIn(found.time_zone);
  const width = found.step_min * MINUTE_MS;
  return (ms) => {
    const bin = at(bins, ms, width);
    return bin ? write(bin, hour(bin.t_ms)) : t("read.none", { time: hour(ms) });
  };
}

const queueWords = ({ people, lanes_open, served, joined, abandoned }, time) =>
  [
    t("read.queue", { time, people: known(people), open: tenth(lanes_open), served }),
    joined !== null && t("read.joined", { n: joined }),
    abandoned > 0 && t("read.abandoned", { n: abandoned }),
  ]
    .filter(Boolean)
    .join(t("read.and"));

/** Advice comes by the minute; the picture has it by the bin, the most that was needed in it. */
function advisedBins({ advised, from_ms, step_min }) {
  const most = new Map();
  const step = step_min * MINUTE_MS;
  for (const { t_ms, needed } of advised) {
    const bin = from_ms + Math.floor((t_ms - 1 - from_ms) / step) * step;
    most.set(bin, Math.max(most.get(bin) ?? 0, needed));
  }
  return [...most];
}

function peopleChart(found, other) {
  const { bins } = found;
  const width = found.step_min * MINUTE_MS;
  const of = (list, name) => list.map((one) => [one.t_ms, one[name]]);
  return dayChart({
    ...frame(found),
    label: t("queues.people"),
    key: "queues.people",
    format: (value) => String(tenth(value)),
    layers: [
      { kind: "area", name: "people", width, points: of(bins, "people") },
      other && { kind: "line", name: "usual", width, points: of(other.bins, "people") },
      { kind: "step", name: "advised", width, points: advisedBins(found) },
      { kind: "step", name: "open", width, points: of(bins, "lanes_open") },
    ].filter(Boolean),
    readout: reading(found, bins, (bin, time) => queueWords(bin, time) + comparedWords(other, bin, width)),
  });
}

function comparedWords(other, bin, width) {
  const usual = other && at(other.bins, bin.t_ms, width);
  return usual && usual.people !== null ? ` ${t("read.usual", { n: tenth(usual.people) })}` : "";
}

function waitChart(found, other) {
  const { bins } = found;
  const width = found.step_min * MINUTE_MS;
  const of = (list, name) => list.map((bin) => [bin.t_ms, bin[name] === null ? null : bin[name] / 60]);
  return dayChart({
    ...frame(found),
    label: t("queues.wait"),
    key: "queues.wait",
    format: (value) => t("minutes", { n: tenth(value) }),
    layers: [
      {
        kind: "band",
        name: "bound",
        width,
        points: bins.map(({ t_ms, wait_high_s: high }) => (high === null ? [t_ms, null] : [t_ms, 0, high / 60])),
      },
      other && { kind: "line", name: "usual", width, points: of(other.bins, "waited_s") },
      { kind: "line", name: "told", width, points: of(bins, "foretold_s") },
      { kind: "line", name: "waited", width, points: of(bins, "waited_s") },
    ].filter(Boolean),
    readout: reading(found, bins, (bin, time) =>
      t("read.wait", { time, waited: duration(bin.waited_s), told: duration(bin.foretold_s) }),
    ),
  });
}

function laneCard(lane, found) {
  const { totals } = lane;
  const most = Math.max(...found.lanes.flatMap(({ bins }) => bins.map(({ people }) => people ?? 0)), 1);
  const name = t("ahead.lane", { id: lane.lane });
  return el(
    "section",
    { class: "card picture" },
    el("h3", {}, name),
    el(
      "p",
      { class: "soft small" },
      [
        t("lane.served", { n: totals.served }),
        totals.waited_s !== null && t("lane.waited", { time: duration(totals.waited_s) }),
        totals.abandoned > 0 && t("lane.abandoned", { n: totals.abandoned }),
        totals.changed > 0 && t("lane.changed", { n: totals.changed }),
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    dayChart({
      ...frame(found, lane.lane),
      label: name,
      key: `lane-${lane.lane}`,
      height: 120,
      most,
      format: (value) => String(tenth(value)),
      layers: [
        {
          kind: "area",
          name: "people",
          width: found.step_min * MINUTE_MS,
          points: lane.bins.map(({ t_ms, people }) => [t_ms, people]),
        },
      ],
      readout: reading(found, lane.bins, queueWords),
    }),
  );
}

/** The hours of the day in rows: joined, served, gave up, changed lanes, waited, told. */
function hourTable(found) {
  const hour = hourIn(found.time_zone);
  const hours = new Map();
  for (const bin of found.bins) {
    const at_ms = found.from_ms + Math.floor((bin.t_ms - found.from_ms) / HOUR_MS) * HOUR_MS;
    hours.set(at_ms, [...(hours.get(at_ms) ?? []), bin]);
  }
  const sum = (bins, name) => {
    const values = bins.map((bin) => bin[name]).filter((value) => value !== null);
    return values.length ? values.reduce((a, b) => a + b, 0) : "–";
  };
  const mean = (bins, name, weigh) => {
    const pairs = bins.filter((bin) => bin[name] !== null).map((bin) => [bin[name], weigh(bin)]);
    const weight = pairs.reduce((all, [, one]) => all + one, 0);
    return weight ? pairs.reduce((all, [value, one]) => all + value * one, 0) / weight : null;
  };
  const bySales = ({ served }) => Math.max(served, 1);
  const rows = [...hours].map(([ms, bins]) => [
    hour(ms),
    known(mean(bins, "people", () => 1)),
    known(mean(bins, "lanes_open", () => 1)),
    sum(bins, "joined"),
    sum(bins, "served"),
    sum(bins, "abandoned"),
    sum(bins, "changed"),
    duration(mean(bins, "waited_s", bySales)),
    duration(mean(bins, "foretold_s", bySales)),
  ]);
  const heads = ["hour", "people", "open", "joined", "served", "abandoned", "changed", "waited", "told"];
  return numbers(t("day.numbers"), heads.map((name) => t(`col.${name}`)), rows, "queues");
}
