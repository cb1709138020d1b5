// One product: how many, where, how sure, what others have; and counting by hand.

import { Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { ago, clock, money, names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { belongs, misplacedOf } from "/static/handheld/belongs.js";
import { UNDO_MS, counts, forget, save, undo } from "/static/handheld/counts.js";
import { ask, network } from "/static/handheld/network.js";
import { numberStepper, openSheet, placeField } from "/static/handheld/sheet.js";
import * as snapshot from "/static/handheld/snapshot.js";
import { placeName, sureness } from "/static/handheld/sureness.js";
import { why } from "/static/refusals.js";

// A count fades with its age and with what was sold since: below these it is said in words.
const SURE_P = 0.8;
const HALF_P = 0.5;

/** The product now, or as it is kept here; `isKept` says which. */
async function load(gtin) {
  try {
    if (!network.isOnline && snapshot.product(gtin)) throw new Unreachable("known to be gone");
    return {
      product: await ask("GET", `/api/stock/${encodeURIComponent(gtin)}`, undefined, { timeoutMs: 4000 }),
      isKept: false,
    };
  } catch (error) {
    const product = error instanceof Unreachable ? snapshot.product(gtin) : null;
    if (!product) throw error;
    return { product, isKept: true };
  }
}

/** What is kept, with what was counted on this device since and is not sent yet. */
function withMine(product, mine) {
  const places = new Map(product.places.map((place) => [place.place, place]));
  for (const one of mine.filter(({ state }) => state === "waiting").reverse()) {
    const known = places.get(one.place) ?? {
      place: one.place,
      kind: one.place === "backroom" ? "backroom" : "shelf",
    };
    places.set(one.place, { ...known, quantity: one.quantity, p: 1, state: "sure", last_seen_ms: one.t_ms });
  }
  const found = [...places.values()];
  return { ...product, places: found, on_hand: found.reduce((sum, { quantity }) => sum + quantity, 0) };
}

/** Draw the product `gtin` into `root`. */
export async function view(root, gtin) {
  const { product: known, isKept } = await load(gtin);
  const mine = (await counts()).filter((one) => one.gtin === known.gtin);
  const product = isKept ? withMine(known, mine) : known;
  const { first, second } = names(product);
  const misplaced = isKept ? [] : await misplacedOf(product);
  const now = isKept ? Math.max(snapshot.asOf(), mine[0]?.t_ms ?? 0) : Date.now();
  show(
    root,
    el(
      "article",
      { class: "product", data: { gtin: product.gtin } },
      el(
        "header",
        {},
        el("h1", {}, first),
        second && el("p", { class: "soft second" }, second),
        el(
          "p",
          { class: "facts" },
          el("span", { class: "chip plain" }, t(product.tagged ? "tagged" : "untagged")),
          el("span", { class: "money" }, money(product.price_minor, product.currency)),
          el("span", { class: "mono soft" }, product.gtin),
        ),
      ),
      el(
        "p",
        { class: `hand ${product.on_hand ? "" : "nil"}` },
        el("b", {}, product.on_hand),
        el("span", {}, t("on-hand")),
      ),
      belongs(product, misplaced),
      whereabouts(root, product, now),
      myCounts(mine),
      elsewhere(product),
    ),
  );
}

function whereabouts(root, product, now) {
  // What a reader sees, nobody need count; everything else may be corrected by whoever stands before it.
  const mayCount = (place) => !(product.tagged && place.kind === "shelf");
  const row = (place) =>
    el(
      "li",
      { data: { place: place.place } },
      el(
        "span",
        { class: "grow" },
        el("b", {}, placeName(place)),
        sureness(place, product.tagged, now),
        !product.tagged &&
          place.p < SURE_P &&
          el("span", { class: "soft tiny" }, t(`confidence.${place.p >= HALF_P ? "aging" : "old"}`)),
        place.state === "unknown" &&
          product.tagged &&
          place.kind === "shelf" &&
          el("span", { class: "soft tiny" }, t("unknown.why")),
      ),
      el("b", { class: "quantity" }, place.quantity),
      mayCount(place)
        ? el("button", { type: "button", onclick: () => countSheet(root, product, place) }, t("count"))
        : el("span", { class: "no-count" }),
    );
  const isBackKnown = product.places.some(({ kind }) => kind === "backroom");
  const other = { place: isBackKnown ? "" : "backroom", kind: isBackKnown ? "shelf" : "backroom", quantity: 0 };
  return el(
    "section",
    { class: "card" },
    el("h2", {}, t("places")),
    product.places.length
      ? el("ul", { class: "rows places" }, product.places.map(row))
      : el("p", { class: "soft" }, t("places.none")),
    el(
      "button",
      { type: "button", class: "quiet wide", onclick: () => countSheet(root, product, other, true) },
      t("count.other"),
    ),
  );
}

function elsewhere(product) {
  return el(
    "section",
    { class: "card" },
    el("h2", {}, t("elsewhere")),
    product.elsewhere.length
      ? el(
          "ul",
          { class: "rows" },
          product.elsewhere.map((store) =>
            el(
              "li",
              {},
              el(
                "span",
                { class: "grow" },
                el("b", {}, store.store_name || store.store),
                el("span", { class: "soft block" }, ago(Math.max(0, (Date.now() - store.t_ms) / 1000))),
              ),
              el("b", { class: "quantity" }, store.on_hand),
            ),
          ),
        )
      : el("p", { class: "soft" }, t("elsewhere.none")),
  );
}

function myCounts(mine) {
  if (!mine.length) return null;
  return el("section", { class: "card" }, el("h2", {}, t("counts.mine")), countRows(mine));
}

/** Rows of counts with what became of them and what can be done about it. */
export function countRows(mine) {
  return el(
    "ul",
    { class: "rows" },
    mine.map((one) => {
      const state =
        one.state === "refused" ? t("refused", { reason: why(one) }) : t(one.state === "sent" ? "sent" : "waiting");
      const kind = { sent: "good", refused: "bad" }[one.state] ?? "warn";
      const mayUndo = one.state !== "refused" && Date.now() - one.t_ms < UNDO_MS;
      return el(
        "li",
        {},
        el(
          "span",
          { class: "grow" },
          el("b", {}, `${names(one).first}: ${one.quantity}`),
          el(
            "span",
            { class: "block" },
            el("span", { class: `chip ${kind}` }, state),
            el("span", { class: "soft" }, ` ${one.place} · ${clock(one.t_ms)}`),
          ),
        ),
        one.state === "refused"
          ? el("button", { type: "button", onclick: () => forget(one) }, t("forget"))
          : mayUndo && el("button", { type: "button", onclick: () => takeBack(one) }, t("undo")),
      );
    }),
  );
}

async function takeBack(one) {
  await undo(one);
  toast(t("undo.done"));
}

/** The sheet at the bottom: a thumb's − and +, or the number itself. */
function countSheet(root, product, place, isOther = false) {
  const { number, row } = numberStepper({ value: place.quantity, min: 0, max: 1_000_000, label: t("count.title") });
  const where = isOther ? placeField(place.place) : null;
  const keep = async () => {
    dialog.close();
    const name = where?.value ?? place.place;
    const one = await save(product, name, Number(number.value));
    const values = { n: one.quantity, place: where ? name : placeName(place) };
    if (one.state === "refused") toast(t("refused", { reason: why(one) }), { kind: "bad" });
    else
      toast(t(one.state === "sent" ? "count.saved" : "count.kept", values), {
        seconds: 12,
        action: { label: t("undo"), run: () => takeBack(one) },
      });
    await view(root, product.gtin);
  };
  const dialog = openSheet({
    title: t("count.title"),
    parts: [
      el("p", { class: "soft" }, names(product).first, where ? null : ` · ${placeName(place)}`),
      where && el("label", {}, t("count.where"), where),
      row,
    ],
    save: { icon: "check", text: t("count.save") },
    onSubmit: keep,
  });
}
