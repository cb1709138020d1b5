// What is on its way to stores and what came; and each store's plan, as a file.

import { call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";
import { count } from "/static/figures.js";
import { explain } from "/static/session.js";

const STATE = { expected: "plain", received: "good", cancelled: "warn" };

/** A line that came otherwise than announced. */
function difference({ gtin, expected, received, ...product }) {
  const key = expected === 0 ? "came-unannounced" : received < expected ? "came-short" : "came-over";
  const called = product.name_en || product.name_zh ? names(product).first : gtin;
  return el("li", {}, el("span", { class: "chip warn" }, t(key)), " ", t("came-line", { name: called, expected, received }));
}

const stray = ({ sscc, expected_by: store }) =>
  el("li", {}, el("span", { class: "chip warn" }, t(store ? "misrouted" : "came-unannounced")), " ", el("span", { class: "mono" }, sscc), " ",
    store ? t("misrouted-to", { store }) : t("misrouted-nobody"));

function card(one) {
  const isOver = one.state === "received";
  const wrong = [...(isOver ? one.lines.filter((line) => line.expected !== line.received).map(difference) : []),
    ...one.misrouted.map(stray)];
  return el("li", { class: "card delivery", data: { delivery: one.delivery } },
    el("div", { class: "letter-head" }, el("b", { class: "grow" }, one.supplier || one.delivery),
      el("span", { class: `chip ${STATE[one.state]}` }, t(`delivery-${one.state}`))),
    el("p", { class: "soft small" }, `${one.name} · ${one.delivery} · `,
      isOver ? t("delivery-came", { time: clock(one.received_ms) }) : t("delivery-due", { time: clock(one.due_ms) })),
    el("progress", { max: Math.max(one.expected, 1), value: Math.min(one.received, one.expected), "aria-label": t("delivery-progress") }),
    el("p", { class: "small number" }, t("delivery-pieces", { n: count(one.received), all: count(one.expected) })),
    wrong.length > 0 && el("ul", { class: "wrong small" }, wrong));
}

const empty = () =>
  el("div", { class: "empty" }, icon("truck", 72), el("h2", {}, t("empty-deliveries")), el("p", {}, t("empty-deliveries-why")));

async function upload(store, file, place) {
  show(place, el("progress", {}));
  try {
    const csv = new Blob([file], { type: "text/csv" });
    const done = await call("POST", `/api/stores/${encodeURIComponent(store)}/planogram`, csv, { timeoutMs: 60_000 });
    show(place, el("p", { role: "status" }, t("plan-taken", { n: done.rows, changed: done.changed })),
      done.refused.length > 0 && [el("p", { class: "small" }, t("wrong", { n: done.refused.length })),
        el("ul", { class: "wrong small" }, done.refused.slice(0, 100).map((one) => el("li", {}, el("b", { class: "number" }, t("line", one)), " ", one.why)))]);
  } catch (error) {
    show(place, el("p", { class: "problem", role: "alert" }, explain(error)));
  }
}

function plans(stores) {
  const said = el("div", { "aria-live": "polite" });
  const choice = el("select", { id: "plan-store", "aria-label": t("plan-store") }, stores.map((one) => el("option", { value: one.store }, one.name)));
  const file = el("input", { id: "plan-file", class: "out-of-sight", type: "file", accept: ".csv,text/csv", tabIndex: -1 });
  const link = el("a", { class: "button", download: "" }, icon("download", 20), t("plan-export"));
  const point = () => { link.href = `/api/stores/${encodeURIComponent(choice.value)}/planogram.csv`; };
  choice.addEventListener("change", point);
  file.addEventListener("change", async () => {
    if (file.files[0]) await upload(choice.value, file.files[0], said);
    file.value = "";
  });
  point();
  const press = el("button", { type: "button", onclick: () => file.click() }, icon("upload", 20), t("plan-import"));
  return el("section", { class: "card plans" }, el("h2", {}, t("plans")), el("p", { class: "soft small" }, t("plans-why")),
    el("div", { class: "search" }, choice, press, file, link), said);
}

/** Fetch and show them. */
export async function showGoods() {
  const place = byId("goods");
  try {
    const [{ deliveries }, { stores }] = await Promise.all([call("GET", "/api/deliveries?limit=100"), call("GET", "/api/stores")]);
    show(place, stores.length > 0 && plans(stores), deliveries.length ? el("ul", { class: "letters" }, deliveries.map(card)) : empty());
  } catch (error) {
    show(place, el("p", { class: "problem", role: "alert" }, explain(error)));
  }
}
