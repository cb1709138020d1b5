// One store's day: its queues and waits, who came and went, as pictures; and both as tables.

import { call } from "/shared/api.js";
import { dayChart, hourIn, legend, numbers } from "/shared/chart.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { locale, t } from "/shared/i18n.js";
import { count } from "/static/figures.js";
import { explain } from "/static/session.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
let stores = []; // [{store, name}], as the newest overview has them
let asked = 0;

/** The stores that there are, from the newest overview; whoever waits for them sees their day now. */
export function knowStores(overview) {
  const had = stores.length;
  stores = overview.stores.map(({ store, name }) => ({ store, name }));
  if (!had && stores.length && location.hash.startsWith("#days")) showDay();
}

/** `#days/harbour/2026-11-21`; the first store and its today where the address does not say. */
function wanted() {
  const [, store = "", day = ""] = location.hash.slice(1).split("/").map(decodeURIComponent);
  return { store: store || (stores[0]?.store ?? ""), day };
}

const goTo = (store, day = "") => {
  location.hash = ["days", store, day].filter(Boolean).map(encodeURIComponent).join("/");
};

const moved = (day, by) => {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
};

const words = (day) =>
  new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));

function tools({ store, day, today }) {
  const step = (by, name, drawing) => el("button", { type: "button", class: "quiet", "aria-label": t(name), data: { key: name },
    disabled: by > 0 && day >= today, onclick: () => goTo(store, moved(day, by)) }, icon(drawing));
  return el("div", { class: "day-tools" },
    el("select", { "aria-label": t("stores"), onchange: (event) => goTo(event.target.value, day === today ? "" : day) },
      stores.map((one) => el("option", { value: one.store, selected: one.store === store }, one.name))),
    step(-1, "day-before", "back"), el("b", { class: "day-name" }, day === today ? `${t("today")} · ${words(day)}` : words(day)),
    step(1, "day-after", "arrow"),
    el("input", { type: "date", value: day, max: today, "aria-label": t("day-choose"),
      onchange: (event) => event.target.value && goTo(store, event.target.value) }));
}

const figure = (label, value, under = "") => el("div", { class: "figure" }, el("dt", {}, label), el("dd", { class: "value number" }, value),
  under && el("dd", { class: "under" }, under));

const tenth = (value) => (value === null ? "–" : Math.round(value * 10) / 10);
const duration = (seconds) => (seconds === null ? "–" : seconds < 90 ? t("seconds", { n: Math.round(seconds) }) : t("min", { n: (seconds / 60).toFixed(1) }));
const percent = (share) => (share === null ? "–" : `${Math.round(100 * share)} %`);

function figures({ queues, entered, sales, conversion }) {
  return el("dl", { class: "figures" },
    figure(t("day-served"), count(queues.served), queues.joined === null ? "" : t("day-joined", { n: count(queues.joined) })),
    figure(t("day-waited"), duration(queues.waited_s), queues.foretold_s === null ? "" : t("day-told", { n: duration(queues.foretold_s) })),
    queues.abandoned !== null && figure(t("day-gave-up"), count(queues.abandoned), queues.changed ? t("day-changed", { n: count(queues.changed) }) : ""),
    figure(t("day-visitors"), count(entered)),
    figure(t("day-conversion"), percent(conversion), t("sales-count", { n: count(sales) })));
}

/** Whole hours from the first word of the day to the last. */
function span({ from_ms, to_ms, bins, hours, step_min: step }) {
  const times = [...bins.flatMap(({ t_ms }) => [t_ms, t_ms + step * MINUTE_MS]), ...hours.flatMap(({ t_ms }) => [t_ms, t_ms + HOUR_MS])];
  const from = from_ms + Math.floor((Math.min(...times) - from_ms) / HOUR_MS) * HOUR_MS;
  const to = from_ms + Math.ceil((Math.max(...times) - from_ms) / HOUR_MS) * HOUR_MS;
  return { from, to: Math.min(Math.max(to, from + 2 * HOUR_MS), to_ms) };
}

/** Where nobody counted between the first bin and the last. */
function gapsOf(bins, width) {
  const known = bins.filter(({ people }) => people !== null);
  return known.slice(1).flatMap(({ t_ms }, index) => (t_ms - known[index].t_ms > 1.5 * width ? [[known[index].t_ms + width, t_ms]] : []));
}

const picture = (title, signs, chart) => el("section", { class: "card picture" }, el("h2", {}, title), legend(signs), chart);

function charts(found) {
  const { bins, hours } = found;
  const hour = hourIn(found.time_zone);
  const width = found.step_min * MINUTE_MS;
  const shared = { ...span(found), zone: found.time_zone };
  const of = (name, scale = 1) => bins.map((bin) => [bin.t_ms, bin[name] === null ? null : bin[name] / scale]);
  const at = (list, wide, write) => (ms) => {
    const one = list.find(({ t_ms }) => t_ms <= ms && ms < t_ms + wide);
    return one ? write(one, hour(one.t_ms)) : t("read-none", { time: hour(ms) });
  };
  return [
    bins.length > 0 && picture(t("day-people"), [["people", t("sign-people")], ["open", t("sign-open")], ["gap", t("sign-gap")]], dayChart({
      ...shared, step: width, gaps: gapsOf(bins, width), label: t("day-people"), key: "people", format: (value) => String(tenth(value)),
      layers: [{ kind: "area", name: "people", width, points: of("people") }, { kind: "step", name: "open", width, points: of("lanes_open") }],
      readout: at(bins, width, (bin, time) => t("read-queue", { time, people: tenth(bin.people), open: tenth(bin.lanes_open), served: bin.served })),
    })),
    bins.length > 0 && picture(t("day-wait"), [["waited", t("sign-waited")], ["told", t("sign-told")]], dayChart({
      ...shared, step: width, label: t("day-wait"), key: "wait", format: (value) => t("min", { n: tenth(value) }),
      layers: [{ kind: "line", name: "told", width, points: of("foretold_s", 60) }, { kind: "line", name: "waited", width, points: of("waited_s", 60) }],
      readout: at(bins, width, (bin, time) => t("read-wait", { time, waited: duration(bin.waited_s), told: duration(bin.foretold_s) })),
    })),
    hours.length > 0 && picture(t("footfall"), [["entered", t("sign-in-hour")], ["left", t("sign-out-hour")]], dayChart({
      ...shared, step: HOUR_MS, label: t("footfall"), key: "hours", format: (value) => String(Math.round(value)),
      layers: [
        { kind: "columns", name: "entered", width: HOUR_MS / 2, points: hours.map((one) => [one.t_ms, one.entered]) },
        { kind: "columns", name: "left", width: HOUR_MS / 2, points: hours.map((one) => [one.t_ms + HOUR_MS / 2, one.left]) }],
      readout: at(hours, HOUR_MS, (one, time) => t("read-hour", { time, in: one.entered, out: one.left, sales: one.sales, share: percent(one.conversion) })),
    })),
  ];
}

function doors({ doors: found }) {
  if (!found.length) return null;
  const rows = found.map(({ door, entered, left, drift }) => [door, count(entered), count(left), drift === null ? "–" : drift]);
  return el("section", { class: "card" }, numbers(t("day-doors"), ["door", "in", "out", "drift"].map((name) => t(`col-${name}`)), rows, "doors"));
}

function table(found) {
  const hour = hourIn(found.time_zone);
  const rows = found.hours.map((one) => [hour(one.t_ms), count(one.entered), count(one.left), count(one.sales), percent(one.conversion)]);
  return found.hours.length > 0 && el("section", { class: "card" }, numbers(t("day-numbers"), ["hour", "in", "out", "sales", "conversion"].map((name) => t(`col-${name}`)), rows, "hours"));
}

const file = (path, text) => el("a", { class: "button", href: path, download: "" }, icon("download", 20), text);

function drawDay(found) {
  const path = `/api/stores/${encodeURIComponent(found.store)}`;
  const isEmpty = !found.bins.length && !found.hours.length;
  if (isEmpty) return [tools(found), el("div", { class: "empty" }, icon("box", 72), el("h2", {}, t("day-empty")), el("p", {}, t("day-empty-why")))];
  return [tools(found), el("section", { class: "card" }, figures(found)), charts(found), doors(found), table(found),
    el("p", { class: "day-files" }, file(`${path}/queues.csv?day=${found.day}`, t("day-queues-csv")), file(`${path}/visitors.csv?day=${found.day}`, t("day-visitors-csv")))];
}

/** Fetch and show the day that the address asks for. */
export async function showDay() {
  const { store, day } = wanted();
  const mine = ++asked;
  if (!store) return;
  const place = byId("day");
  try {
    const found = await call("GET", `/api/stores/${encodeURIComponent(store)}/day${day ? `?day=${encodeURIComponent(day)}` : ""}`);
    if (mine !== asked) return;
    const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    show(place, drawDay(found));
    if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  } catch (error) {
    if (mine === asked) show(place, el("p", { class: "problem", role: "alert" }, explain(error)));
  }
}
