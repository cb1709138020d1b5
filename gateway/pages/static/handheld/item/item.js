// One tagged item by its EPC: where it is, how sure that is, what to do next, and why we think so.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { ago, clock, names, t } from "/shared/i18n.js";
import "/static/handheld/item/words.js";
import { phrases } from "/static/handheld/item/evidence.js";
import { foundSheet } from "/static/handheld/item/found.js";
import { ask } from "/static/handheld/network.js";
import { nameOf, nameWithin, sign } from "/static/handheld/places.js";
import { gtinOfEpc } from "/static/handheld/snapshot.js";
import { bars, likely } from "/static/handheld/sureness.js";
import { why } from "/static/refusals.js";

const SURE_P = 0.8;
const STANDS = ["on_shelf", "misplaced", "back_room", "returned"];
const PICTURES = {
  on_shelf: "check",
  misplaced: "swap",
  back_room: "box",
  picked_up: "hand",
  in_basket: "basket",
  paid: "card",
  left: "door",
  missing: "search",
  returned: "undo",
};
const KINDS = { on_shelf: "good", misplaced: "warn", missing: "bad" };
const EVENT_STARTS = new Set(["stands", "stands_elsewhere"]); // the place begins the sentence
let shown = null; // {epc, gtin} of the item on the page

/** Whether news of these products concern the item that is shown. */
export const concerns = ({ gtins = [] }) => !gtins.length || !shown?.gtin || gtins.includes(shown.gtin);

/** Draw the item `epc` into `root`. */
export async function view(root, epc) {
  let item;
  try {
    item = await ask("GET", `/api/items/${encodeURIComponent(epc)}`, undefined, { timeoutMs: 4000 });
  } catch (error) {
    return unknown(root, epc, error);
  }
  shown = item;
  const { first, second } = names(item);
  return show(
    root,
    el(
      "article",
      { class: "product item" },
      el(
        "header",
        {},
        el("h1", {}, item.name_en || item.name_zh ? first : t(item.gtin ? "item.title" : "item.unknown-product")),
        second && item.name_en && el("p", { class: "soft second" }, second),
        el(
          "p",
          { class: "facts soft small" },
          item.serial && el("span", {}, t("serial"), " ", el("span", { class: "mono" }, item.serial)),
          el("span", { class: "mono" }, item.epc),
        ),
      ),
      now(item),
      next(root, item),
      history(item),
      item.gtin && el("a", { class: "button wide", href: `#product/${item.gtin}` }, icon("box"), t("item.product")),
    ),
  );
}

function now(item) {
  const age = ago(Math.max(0, (Date.now() - item.last_seen_ms) / 1000));
  const sure = item.p >= SURE_P ? "sure" : "unsure";
  return el(
    "section",
    { class: `where-now ${KINDS[item.state] ?? "plain"}` },
    el(
      "p",
      { class: "state-line" },
      icon(PICTURES[item.state] ?? "tag", 30),
      el("b", { class: "state-word" }, t(`state.${item.state}`)),
    ),
    STANDS.includes(item.state) &&
      el("p", { class: "route" }, sign(item.place, item.state === "misplaced" ? "warn" : "go")),
    el(
      "p",
      { class: `how ${sure}` },
      bars({ state: sure, p: item.p }),
      el(
        "span",
        {},
        el("b", {}, t(sure)),
        el("span", { class: "soft" }, ` · ${likely(item.p)} · ${t("seen", { ago: age })}`),
      ),
    ),
  );
}

/** One sentence: what a clerk who looks for this item does now. */
function next(root, item) {
  const belongs = item.belongs?.length ? item.belongs.map(nameWithin).join(", ") : null;
  const needsPlace = ["misplaced", "back_room", "returned"].includes(item.state);
  const isUnsure = item.state === "on_shelf" && item.p < SURE_P;
  const key = isUnsure ? "next.unsure" : `next.${item.state}${needsPlace && !belongs ? ".nowhere" : ""}`;
  return el(
    "section",
    { class: "card next" },
    el("h2", {}, t("next.title")),
    el("p", {}, t(key, { place: nameWithin(item.place), belongs: belongs ?? "" })),
    item.state === "missing" &&
      el(
        "button",
        {
          type: "button",
          class: "primary wide",
          data: { key: "found" },
          onclick: () => foundSheet(item, () => view(root, item.epc)),
        },
        icon("check"),
        t("found.key"),
      ),
  );
}

function history(item) {
  return el(
    "details",
    { class: "card why", data: { key: "why" } },
    el("summary", {}, t("why.title")),
    el("ol", { class: "steps" }, item.history.map(step)),
  );
}

function step(change) {
  const said = phrases(change);
  return el(
    "li",
    { class: KINDS[change.state] ?? "" },
    el(
      "p",
      { class: "step-head" },
      el(
        "b",
        { class: "grow" },
        t(`event.${change.event}`, {
          place: EVENT_STARTS.has(change.event) ? nameOf(change.place) : nameWithin(change.place),
        }),
      ),
      el("time", { class: "soft small number" }, clock(change.t_ms)),
    ),
    el(
      "ul",
      { class: "phrases small" },
      said.length ? said.map((one) => el("li", {}, one)) : el("li", { class: "soft" }, t("evidence.nothing")),
      change.p < 1 && el("li", { class: "soft" }, likely(change.p)),
    ),
  );
}

function unknown(root, epc, error) {
  shown = null;
  // Without network, and of a tag that nobody saw, the tag itself still says which product it is.
  const gtin = gtinOfEpc(epc);
  const isNew = error instanceof Refusal && error.status === 404;
  const text = error instanceof Unreachable ? t("offline.item") : isNew ? t("item.unknown") : why(error);
  return show(
    root,
    el(
      "div",
      { class: "empty" },
      icon("box", 72),
      el("h1", {}, text),
      el("p", { class: "mono" }, epc),
      gtin &&
        el(
          "a",
          { class: "button primary", href: `#product/${gtin}` },
          icon("arrow"),
          el("span", { class: "mono" }, gtin),
        ),
    ),
  );
}
