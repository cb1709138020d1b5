// The stores at a glance: totals on top, a card for each store, kept up to date in place.

import { byId, el, icon, show } from "/shared/dom.js";
import { ago, t } from "/shared/i18n.js";
import { count, feel, localTime, sums, wait } from "/static/figures.js";
import { footfallPicture, noFootfall } from "/static/footfall.js";

const cards = new Map();
let newest = null;

function figure(label, value, under = "", kind = "") {
  return el("div", { class: `figure ${kind}` }, el("dt", {}, label), el("dd", { class: "value number" }, value),
    under && el("dd", { class: "under" }, under));
}

function totalFigures(total) {
  const [first = "–", ...others] = sums(total.sales);
  const sold = total.sales.reduce((sum, one) => sum + one.sales, 0);
  const recent = total.waits.worst_recent_s;
  return [
    figure(t("stores-alive"), t("of", { n: total.alive, all: total.stores }), total.problems ? "" : t("all-well"),
      total.alive < total.stores ? "bad" : ""),
    figure(t("sales-today"), first, others.length ? others.join(" · ") : t("sales-count", { n: count(sold) })),
    figure(t("on-hand"), count(total.on_hand), t("in-catalogue", { n: count(total.products) })),
    figure(t("inside"), count(total.footfall.inside), t("came-today", { n: count(total.footfall.entered) })),
    figure(t("wait-now"), wait(total.waits.worst_now_s), recent === null ? "" : t("recent-wait", { n: wait(recent) }),
      feel(total.waits.worst_now_s)),
    figure(t("problems"), count(total.problems), "", total.problems ? "warn" : ""),
  ];
}

function aliveChip(store) {
  if (store.alive) return el("span", { class: "chip good" }, t("alive"));
  const key = store.seen_ms === null ? "never" : "silent";
  return el("span", { class: `chip ${key === "never" ? "warn" : "bad"}` }, t(key));
}

function lanes(store) {
  if (!store.waits.lanes.length) return el("p", { class: "soft small quiet-line" }, t("no-lanes"));
  return el("ul", { class: "lanes" }, store.waits.lanes.map((lane) => {
    const isOpen = lane.open_s > 0;
    const longest = Math.min((lane.wait_s ?? 0) / 600, 1);
    const bar = el("span", { class: "level" });
    bar.style.inlineSize = `${Math.round(longest * 100)}%`;
    return el("li", { class: isOpen ? feel(lane.wait_s) : "closed" }, el("span", { class: "lane-name" }, /^\d/.test(lane.lane) ? t("lane", lane) : lane.lane),
      el("span", { class: "track" }, bar), el("span", { class: "number" }, isOpen ? wait(lane.wait_s) : t("lane-closed")));
  }));
}

function problems(store, nowMs) {
  const silent = !store.alive && el("li", {}, icon("alert", 18), el("span", { class: "grow" },
    el("b", {}, t(store.seen_ms === null ? "never" : "silent")), " ",
    el("span", { class: "soft" }, t(store.seen_ms === null ? "never-why" : "silent-why"))));
  const listed = store.problems.slice(0, 5).map((one) => el("li", {}, icon("alert", 18),
    el("span", { class: "grow" }, el("b", {}, one.subject), ` ${one.code} `, el("span", { class: "soft" }, one.node)),
    el("span", { class: "soft tiny number" }, ago((nowMs - one.since_ms) / 1000))));
  const more = store.problems.length > 5 && el("li", { class: "soft" }, `+ ${store.problems.length - 5}`);
  return [silent, ...listed, more];
}

function streams(store) {
  const rows = store.streams.map((one) => el("div", {}, el("dt", {}, t("stream", one)),
    el("dd", { class: "number" }, t("upto", { n: count(one.upto) }))));
  const told = el("div", {}, el("dt", {}, t("untold")), el("dd", { class: "number" }, t("upto", { n: count(store.untold) })));
  const lost = store.dropped > 0 && el("div", { class: "bad" }, el("dt", {}, t("dropped")),
    el("dd", { class: "number" }, t("upto", { n: count(store.dropped) })));
  return [...rows, told, lost];
}

/** The parts of a card that change; the card itself stays, so that what somebody opened stays open. */
function newCard() {
  const part = { name: el("h2"), when: el("p", { class: "soft small" }), chip: el("span"),
    figures: el("dl", { class: "figures" }), hours: el("div", { class: "footfall" }), lanes: el("div"),
    problems: el("ul", { class: "problems" }), summary: el("span"), day: el("a", { class: "button wide" }), streams: el("dl", { class: "streams" }) };
  const head = el("header", {}, el("div", { class: "grow" }, part.name, part.when), part.chip);
  part.more = el("details", {}, el("summary", { class: "soft small" }, part.summary), part.streams);
  part.node = el("article", { class: "card store" }, head, part.problems, part.figures, part.hours, part.lanes, part.day, part.more);
  return part;
}

/** What is missing, where anything is: most stores have nothing to say here. */
function missing({ items, value_minor: value, currency, alarms }) {
  if (!items && !alarms) return false;
  const [worth] = sums([{ currency, total_minor: value }]);
  const ringing = alarms ? t("alarms-open", { n: alarms }) : "";
  return figure(t("missing"), worth, [t("missing-pieces", { n: items }), ringing].filter(Boolean).join(" · "),
    alarms ? "bad wide-figure" : "wide-figure");
}

function fillCard(part, store, nowMs) {
  const local = localTime(nowMs, store.time_zone);
  const [first = "–", ...others] = sums(store.sales);
  const sold = store.sales.reduce((sum, one) => sum + one.sales, 0);
  const foot = store.footfall;
  part.node.dataset.store = store.store;
  part.node.classList.toggle("is-silent", !store.alive && store.seen_ms !== null);
  for (const one of [part.figures, part.hours, part.lanes, part.day, part.more]) one.hidden = store.seen_ms === null;
  show(part.name, store.name);
  const heard = store.seen_ms === null ? t("never") : t("heard", { ago: ago((nowMs - store.seen_ms) / 1000) });
  show(part.when, `${local.text} · ${heard}`);
  show(part.chip, aliveChip(store));
  show(part.figures,
    figure(t("sales-today"), first, [...others, t("sales-count", { n: count(sold) })].join(" · "), "wide-figure"),
    figure(t("wait-now"), wait(store.waits.worst_now_s), "", feel(store.waits.worst_now_s)),
    figure(t("on-hand"), count(store.on_hand), t("pieces-of", { n: count(store.products) }), "wide-figure"),
    figure(t("inside"), count(foot.inside), t("came-today", { n: count(foot.entered) })),
    missing(store.missing));
  part.day.href = `#days/${store.store}`;
  part.day.textContent = t("its-day");
  show(part.hours, el("h3", {}, t("footfall")), foot.entered ? footfallPicture(foot.hours, local.hour) : noFootfall());
  show(part.lanes, el("h3", {}, t("lanes")), lanes(store));
  show(part.problems, problems(store, nowMs));
  part.problems.hidden = store.alive && !store.problems.length;
  show(part.summary, t("more"));
  show(part.streams, streams(store));
}

function empty() {
  return el("div", { class: "empty" }, icon("box", 72), el("h2", {}, t("empty-stores")), el("p", {}, t("empty-stores-why")));
}

/** Show an overview; without one, the last one again (another language, say). */
export function showStores(overview = newest) {
  if (!overview) return;
  newest = overview;
  show(byId("totals"), el("dl", { class: "figures" }, totalFigures(overview.total)));
  const place = byId("cards");
  for (const store of overview.stores) {
    if (!cards.has(store.store)) cards.set(store.store, newCard());
    fillCard(cards.get(store.store), store, overview.t_ms);
  }
  const wanted = overview.stores.map((store) => cards.get(store.store).node);
  const isSame = wanted.length === place.children.length && wanted.every((node, i) => node === place.children[i]);
  if (!isSame || !wanted.length) place.replaceChildren(...(wanted.length ? wanted : [empty()]));
}
