// One shelf: its picture large, each product beside its plan, each tagged piece with how sure that is.

import { el, icon, show } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { age, setAge, standIn, tried, whenChanged } from "/static/manager/data.js";
import {
  amount,
  fillBar,
  levelChip,
  levelOf,
  percent,
  shelfPicture,
  sureness,
  sureText,
} from "/static/manager/shelves/picture.js";
import { whyDialog } from "/static/manager/shelves/piece.js";
import { advice, verdict } from "/static/manager/shelves/tile.js";
import { address } from "/static/manager/views.js";

const READER = { reading: "good", silent: "bad", disconnected: "bad", offline: "bad", none: "plain" };

function head(shelf) {
  return el(
    "header",
    { class: "shelf-head" },
    el("span", { class: "sign big" }, shelf.shelf),
    el("h1", { class: "grow" }, verdict(shelf)),
    el("span", { class: `chip ${READER[shelf.state]}` }, t(`reader.${shelf.state}`)),
    shelf.state !== "none" && el("span", { class: "soft" }, age(shelf.last_read_ms, "read.ago")),
    el(
      "a",
      { class: "button primary", href: address("shelves", shelf.shelf, "plan") },
      icon("list", 20),
      t("plan.edit"),
    ),
  );
}

function facts(shelf) {
  const fact = (key, value) => el("div", {}, el("dt", {}, t(key)), el("dd", { class: "number" }, value));
  return el(
    "dl",
    { class: "facts" },
    fact("fact.standing", shelf.unknown ? "?" : shelf.standing),
    fact("fact.wanted", shelf.wanted || "–"),
    shelf.misplaced > 0 && fact("fact.strays", shelf.misplaced),
    shelf.unnamed > 0 && fact("fact.unnamed", shelf.unnamed),
    shelf.node && fact("fact.node", shelf.node),
  );
}

function pieceRow(item) {
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "piece", data: { epc: item.epc }, onclick: () => whyDialog(item.epc) },
      el("span", { class: "mono grow" }, item.serial ?? item.epc),
      item.state === "misplaced" && el("span", { class: "chip warn" }, t("level.misplaced")),
      el("span", { class: `likely ${item.p < 0.8 ? "unsure" : ""}`, style: `--p:${item.p}` }),
      el("b", { class: "number" }, percent(item.p)),
      el("span", { class: "soft small" }, age(item.last_seen_ms)),
    ),
  );
}

function planText({ facings, capacity, low }) {
  return facings ? t("plan.text", { facings, capacity, low }) : t("plan.nowhere");
}

/** What the shelf's node counted, with how likely it is just as many; nothing where it says no more than the line. */
function toldText(told) {
  if (!told) return "";
  const unknown = told.unknown > 0 ? ` · ${t("told.unknown", { n: told.unknown })}` : "";
  return t("told.exactly", { n: told.quantity, p: percent(told.p) }) + unknown;
}

function productRow(product, pieces, opened, told) {
  const { first, second } = names(product);
  const summary = [
    fillBar(product),
    el(
      "span",
      { class: "grow" },
      el("b", { class: "name" }, first),
      second && el("span", { class: "soft small block" }, second),
      el("span", { class: "soft small block" }, planText(product)),
      told && el("span", { class: "soft small block" }, toldText(told)),
    ),
    el(
      "span",
      { class: "product-state" },
      el("b", { class: "number amount" }, amount(product)),
      levelChip(product),
      el("span", { class: `small sure ${sureness(product)}` }, sureText(product)),
    ),
  ];
  if (!pieces.length) return el("li", { class: `product ${levelOf(product)}` }, el("div", { class: "row" }, summary));
  return el(
    "li",
    { class: `product ${levelOf(product)}` },
    el(
      "details",
      { data: { gtin: product.gtin }, open: opened.has(product.gtin) },
      el("summary", { class: "row" }, summary),
      el("ul", { class: "pieces" }, pieces.map(pieceRow)),
    ),
  );
}

function draw(root, shelf, way) {
  const opened = new Set([...root.querySelectorAll("details[open]")].map((node) => node.dataset.gtin));
  const focused = root.contains(document.activeElement) ? document.activeElement.closest("[data-gtin]") : null;
  const counts = new Map(shelf.counts.map((told) => [told.gtin, told]));
  const piecesOf = (gtin) => shelf.items.filter((item) => item.gtin === gtin);
  show(
    root,
    way,
    head(shelf),
    shelf.unknown && el("p", { class: "banner" }, icon("alert", 22), el("span", {}, advice(shelf))),
    el("div", { class: "card shelf-large" }, shelfPicture(shelf), facts(shelf)),
    shelf.products.length > 0 &&
      el(
        "ul",
        { class: "card products" },
        shelf.products.map((product) => productRow(product, piecesOf(product.gtin), opened, counts.get(product.gtin))),
      ),
    shelf.unnamed > 0 &&
      el(
        "section",
        { class: "card" },
        el("h2", {}, t("fact.unnamed")),
        el("ul", { class: "pieces" }, piecesOf(null).map(pieceRow)),
      ),
    !shelf.products.length && !shelf.unnamed && el("p", { class: "empty" }, t("shelf.nothing")),
  );
  if (focused) root.querySelector(`details[data-gtin="${CSS.escape(focused.dataset.gtin)}"] summary`)?.focus();
}

/** Draw one shelf. What was unfolded stays so; where only the times are others, only the ages move. */
export function drawShelf(root, name, feed) {
  const way = el("a", { class: "way-back", href: "#shelves" }, icon("back", 20), t("wall.back"));
  const missing = standIn(feed, () => tried(() => feed.load().then(() => drawShelf(root, name, feed))));
  if (missing) {
    const isNew = feed.error?.code === "unknown_shelf";
    const plan = el("a", { class: "button primary", href: address("shelves", name, "plan") }, t("plan.first"));
    whenChanged(root, feed.error?.code, () => show(root, way, el("h1", {}, name), missing, isNew && plan));
    return;
  }
  const shelf = feed.value;
  const items = shelf.items.map((item) => ({ ...item, last_seen_ms: 0 }));
  const counts = shelf.counts.map((told) => ({ ...told, t_ms: 0 }));
  const what = { ...shelf, items, counts, as_of_ms: 0, last_read_ms: 0, state_ms: 0 };
  whenChanged(root, what, () => draw(root, shelf, way));
  const seen = new Map(shelf.items.map((item) => [item.epc, item.last_seen_ms]));
  for (const node of root.querySelectorAll("[data-seen]")) {
    const epc = node.closest("[data-epc]")?.dataset.epc;
    setAge(node, epc ? seen.get(epc) : shelf.last_read_ms);
  }
}
