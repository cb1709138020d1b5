// One product as a form: its names, category, price; new when there is none yet.

import { call } from "/shared/api.js";
import { el } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { explain } from "/static/session.js";

const CURRENCIES = ["EUR", "CNY", "USD", "GBP", "CHF"];

function field(name, label, value, more = {}) {
  return el("label", {}, el("span", {}, label), el("input", { name, value, maxLength: 200, autocomplete: "off", ...more }));
}

function tick(name, label, checked) {
  return el("label", { class: "tick" }, el("input", { type: "checkbox", name, checked }), el("span", {}, label));
}

function minorOf(text) {
  if (!/^\d{1,9}([.,]\d{1,2})?$/.test(text)) return null;
  return Math.round(Number(text.replace(",", ".")) * 100);
}

function priceFields(product) {
  const [known] = product?.prices ?? [];
  const choice = el("select", { name: "currency", "aria-label": t("price") },
    [...new Set([...(product?.prices ?? []).map((one) => one.currency), ...CURRENCIES])].map((code) => el("option", { value: code }, code)));
  const input = el("input", { name: "price", inputMode: "decimal", autocomplete: "off", placeholder: "1.99",
    value: known ? (known.price_minor / 100).toFixed(2) : "" });
  choice.addEventListener("change", () => {
    const one = product?.prices.find((price) => price.currency === choice.value);
    input.value = one ? (one.price_minor / 100).toFixed(2) : "";
  });
  return el("label", {}, el("span", {}, t("price")), el("span", { class: "pair" }, input, choice));
}

async function save(form, product) {
  const value = (name) => form.elements[name].value.trim();
  const gtin = product?.gtin ?? value("gtin").replace(/\s/g, "");
  const price = value("price");
  const minor = price ? minorOf(price) : null;
  if (price && minor === null) throw new Error(t("price-wrong", { text: price }));
  await call("PUT", `/api/products/${encodeURIComponent(gtin)}`, { name_en: value("name_en"), name_zh: value("name_zh"),
    category: value("category"), tagged: form.elements.tagged.checked, active: form.elements.active.checked });
  if (minor !== null) {
    await call("PUT", `/api/products/${encodeURIComponent(gtin)}/price`, { price_minor: minor, currency: value("currency") });
  }
}

/** A form for `product`, or for a new one. `onDone` after it was saved, `onCancel` when it was not wanted. */
export function productForm(product, { onDone, onCancel }) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const send = el("button", { type: "submit", class: "primary" }, t("save"));
  const form = el("form", { class: "card product-form" },
    field("gtin", t("gtin"), product?.gtin ?? "", { inputMode: "numeric", maxLength: 14, required: true, disabled: Boolean(product) }),
    field("name_en", t("name-en"), product?.name_en ?? ""), field("name_zh", t("name-zh"), product?.name_zh ?? ""),
    field("category", t("category"), product?.category ?? "", { maxLength: 100 }), priceFields(product),
    el("div", { class: "ticks" }, tick("tagged", t("tagged"), product?.tagged ?? false), tick("active", t("active"), product?.active ?? true)),
    problem, el("div", { class: "actions" }, send, el("button", { type: "button", class: "quiet", onclick: onCancel }, t("cancel"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      await save(form, product);
      form.remove();
      await onDone();
    } catch (error) {
      problem.textContent = error instanceof Error && error.constructor === Error ? error.message : explain(error);
      problem.hidden = false;
    } finally {
      send.disabled = false;
    }
  });
  return form;
}
