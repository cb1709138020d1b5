// Where a product belongs: its shelves as little pictures, what stands in the wrong place, and how full each is.

import { el, icon } from "/shared/dom.js";
import { ago, t } from "/shared/i18n.js";
import { ask, network } from "/static/handheld/network.js";
import { nameOf, sign } from "/static/handheld/places.js";
import { board, levelOf } from "/static/handheld/strip.js";

const CHIPS = { ok: ["good", "check"], low: ["warn", "down"], empty: ["bad", "alert"], over: ["warn", "plus"] };

/** The pieces of `gtin` that stand where they do not belong; none without network. */
export async function misplacedOf(product) {
  if (!network.isOnline || !product.tagged) return [];
  const asked = ask("GET", `/api/items?state=misplaced&gtin=${product.gtin}&limit=20`, undefined, {
    timeoutMs: 4000,
  });
  return (await asked.catch(() => ({ items: [] }))).items;
}

/** The shelves that `product` belongs on, each as it stands; null where nobody planned any. */
export function belongs(product, misplaced = []) {
  const planned = product.belongs ?? [];
  if (!planned.length && !misplaced.length) return null;
  return el(
    "section",
    { class: "card belongs" },
    el("h2", {}, t("belongs")),
    planned.map((row) => one(product, row)),
    misplaced.length > 0 && wrong(misplaced),
  );
}

function one(product, row) {
  const place = product.places.find(({ place }) => place === row.shelf);
  const standing = place?.quantity ?? 0;
  const isUnknown = place?.state === "unknown";
  const level = levelOf({ ...row, standing });
  const [kind, picture] = CHIPS[level];
  return el(
    "div",
    { class: "belongs-row", data: { shelf: row.shelf } },
    sign(row.shelf, isUnknown ? "" : level === "ok" ? "go" : ""),
    el("div", { class: "grow" }, board({ ...row, standing })),
    el(
      "p",
      { class: "small belongs-words" },
      isUnknown
        ? el("span", { class: "chip plain" }, t("unknown"))
        : el("span", { class: `chip plain ${kind}` }, icon(picture, 15), t(`level.${level}`)),
      el("span", { class: "soft" }, t("belongs.of", { n: standing, capacity: row.capacity })),
      el("span", { class: "soft" }, t("belongs.facings", { n: row.facings })),
      el("span", { class: "soft" }, t("belongs.low", { n: row.low })),
    ),
  );
}

const wrong = (items) =>
  el(
    "div",
    { class: "wrong-pieces" },
    el("h3", {}, icon("swap", 20), t("belongs.wrong", { n: items.length })),
    el(
      "ul",
      { class: "rows" },
      items.map((item) =>
        el(
          "li",
          {},
          el(
            "a",
            { class: "piece", href: `#item/${item.epc}`, data: { key: item.epc } },
            sign(item.place, "warn"),
            el(
              "span",
              { class: "grow" },
              el("b", { class: "block" }, nameOf(item.place)),
              el(
                "span",
                { class: "soft small" },
                t("seen", { ago: ago(Math.max(0, (Date.now() - item.last_seen_ms) / 1000)) }),
              ),
            ),
            el("span", { class: "soft mono small" }, item.serial ?? ""),
          ),
        ),
      ),
    ),
  );
