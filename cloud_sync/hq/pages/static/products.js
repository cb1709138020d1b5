// The catalogue: find a product and what each store has of it, change it, add one, import many.

import { call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { money, names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { count } from "/static/figures.js";
import { followImport, startImport } from "/static/import.js";
import { productForm } from "/static/product_form.js";
import { explain } from "/static/session.js";

const WAIT_MS = 180;
const REFRESH_MS = 5000;
let found = null;
let asked = 0;
let timer = null;
let refresh = null;
let isReady = false;

function storeBars(product) {
  if (!product.stores.length) return el("p", { class: "soft small" }, t("no-stock"));
  const most = Math.max(...product.stores.map((one) => one.on_hand), 1);
  return el("ul", { class: "bars" }, product.stores.map((one) => {
    const bar = el("span", { class: "level" });
    bar.hidden = one.on_hand <= 0;
    bar.style.inlineSize = `${Math.round((Math.max(one.on_hand, 0) / most) * 100)}%`;
    return el("li", {}, el("span", { class: "bar-name" }, one.name), el("span", { class: "track" }, bar),
      el("b", { class: "number" }, count(one.on_hand)));
  }));
}

function row(product) {
  const { first, second } = names(product);
  const prices = product.prices.map((one) => el("span", { class: "chip plain number" }, money(one.price_minor, one.currency)));
  const marks = [!product.active && el("span", { class: "chip warn" }, t("inactive")), product.tagged && el("span", { class: "chip plain" }, t("tagged"))];
  const edit = el("button", { type: "button", class: "quiet", onclick: () => change(node, product) }, t("edit"));
  const node = el("article", { class: "card product", data: { gtin: product.gtin } },
    el("header", {}, el("div", { class: "grow" }, el("h3", {}, first), second && el("p", { class: "soft small" }, second),
      el("p", { class: "mono soft tiny" }, product.gtin)), el("p", { class: "hand number" }, t("pieces", { n: count(product.on_hand) })), edit),
    el("p", { class: "chips" }, prices, marks, product.category && el("span", { class: "soft small" }, product.category)),
    storeBars(product));
  return node;
}

function change(node, product) {
  const form = productForm(product, { onDone: done, onCancel: () => form.replaceWith(row(product)) });
  node.replaceWith(form);
  form.querySelector("input:not([disabled])").focus();
}

function done() {
  toast(t("saved"), { kind: "good" });
  return look();
}

function add() {
  const old = byId("results").querySelector("form");
  old?.remove();
  const form = productForm(null, { onDone: done, onCancel: () => form.remove() });
  byId("results").prepend(form);
  form.querySelector("input").focus();
}

function empty(query) {
  const key = query ? "no-match" : "empty-products";
  return el("div", { class: "empty" }, icon(query ? "search" : "box", 72), el("h2", {}, t(key, { q: query })), el("p", {}, t(`${key}-why`)));
}

/** Show what was found last again; what somebody is writing stays. */
export function showProducts() {
  if (!found || byId("results").querySelector("form")) return;
  show(byId("results"), found.products.length ? found.products.map(row) : empty(found.query));
}

async function look({ quietly = false } = {}) {
  const query = byId("query").value.trim();
  asked += 1;
  const mine = asked;
  try {
    const { products } = await call("GET", `/api/stock?limit=60&q=${encodeURIComponent(query)}`);
    if (mine !== asked) return; // an answer that was overtaken
    found = { query, products };
    if (!quietly) byId("results").querySelector("form")?.remove();
    showProducts();
  } catch (error) {
    if (!quietly) show(byId("results"), el("p", { class: "problem", role: "alert" }, explain(error)));
  }
}

function prepare() {
  isReady = true;
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  byId("query").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  byId("add").addEventListener("click", add);
  byId("csv").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    const number = await startImport(file);
    if (number) followImport(number, () => look({ quietly: true }));
  });
}

/** Somebody looks at the catalogue: fetch it, and keep its stock fresh. */
export function openProducts() {
  if (!isReady) prepare();
  look();
  clearInterval(refresh);
  refresh = setInterval(() => look({ quietly: true }), REFRESH_MS);
}

/** Nobody looks any more. */
export function closeProducts() {
  clearInterval(refresh);
}
