// What stores sent that can never be right: counts, and the newest with their reasons.

import { call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
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

/** Fetch and show them. */
export async function showRefused() {
  const place = byId("refused");
  try {
    const { counts, newest } = await call("GET", "/api/dead-letters?limit=50");
    const chips = Object.entries(counts).map(([reason, n]) => el("span", { class: "chip warn" }, `${reason} ${count(n)}`));
    show(place, newest.length ? [el("p", { class: "chips" }, chips), el("ul", { class: "letters" }, newest.map(letter))] : empty());
  } catch (error) {
    show(place, el("p", { class: "problem", role: "alert" }, explain(error)));
  }
}
