// What stores sent that can never be right: counts, and the newest with their reasons.

import { Refusal, call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, language, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { count } from "/static/figures.js";
import { explain } from "/static/session.js";

function letter(one) {
  return el("li", { class: "card letter" }, el("div", { class: "letter-head" },
    el("span", { class: "chip warn" }, one.reason), el("b", { class: "grow" }, one.source),
    el("span", { class: "soft small number" }, clock(one.t_ms))),
  el("p", { class: "small" }, one.detail), el("pre", { class: "mono" }, one.body.slice(0, 600)));
}

function empty() {
  return el("div", { class: "empty" }, icon("check", 72), el("h2", {}, t("empty-refused")), el("p", {}, t("empty-refused-why")));
}

async function again() {
  try {
    const { folded, left } = await call("POST", "/api/set-aside/retry");
    toast(t("aside-done", { n: count(folded), left: count(left) }), { kind: left ? "bad" : "good", seconds: 10 });
  } catch (error) {
    const isStill = error instanceof Refusal && error.code === "fold" && language() === "zh";
    toast(isStill ? t("aside-still") : explain(error), { kind: "bad", seconds: 15 });
  }
  await showRefused();
}

/** What our own software could not take in; nothing where nothing waits. */
const waiting = ({ facts, since_ms: since, detail }) => facts > 0 && el("section", { class: "card letter" },
  el("b", {}, t("aside-n", { n: count(facts) })), el("p", { class: "soft small" }, t("aside-why")),
  el("p", { class: "mono small" }, `${detail} · ${clock(since)}`),
  el("p", {}, el("button", { type: "button", onclick: again }, t("aside-again"))));

/** Fetch and show them. */
export async function showRefused() {
  const place = byId("refused");
  try {
    const { counts, newest, set_aside: aside } = await call("GET", "/api/dead-letters?limit=50");
    const chips = Object.entries(counts).map(([reason, n]) => el("span", { class: "chip warn" }, `${reason} ${count(n)}`));
    show(place, waiting(aside), newest.length ? [el("p", { class: "chips" }, chips), el("ul", { class: "letters" }, newest.map(letter))] : empty());
  } catch (error) {
    show(place, el("p", { class: "problem", role: "alert" }, explain(error)));
  }
}
