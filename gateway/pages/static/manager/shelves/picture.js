// A shelf as a picture: each product a column on the board, as wide as its facings, as high as it is full.

import { el } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";

const SURE = 0.8;
const MOST_NAMED = 6; // of more products than these nobody could read the names below the picture

/** How sure what stands there is: "sure", "unsure" or "unknown". */
export function sureness({ level, p }) {
  if (level === "unknown") return "unknown";
  return p !== null && p < SURE ? "unsure" : "sure";
}

/** A product's level in one word that also says when it stands in the wrong place. */
export const levelOf = (product) => (product.misplaced ? "misplaced" : product.level);

const KIND = { ok: "good", low: "warn", empty: "bad", over: "warn", unknown: "plain", misplaced: "warn" };

/** A chip that says the level. */
export const levelChip = (product) =>
  el("span", { class: `chip ${KIND[levelOf(product)]}` }, t(`level.${levelOf(product)}`));

/** "7 of 10", "7", or "?" where nobody knows. */
export function amount({ level, standing, capacity }) {
  if (level === "unknown") return capacity ? t("amount.unknown", { of: capacity }) : "?";
  return capacity ? t("amount", { n: standing, of: capacity }) : String(standing);
}

/** "sure, 97 %". */
export function sureText(product) {
  const words = t(`sure.${sureness(product)}`);
  return product.p === null || product.level === "unknown" ? words : `${words}, ${percent(product.p)}`;
}

/** A probability for people: nobody's 99.6 % becomes 100. */
export const percent = (p) => (p >= 1 ? "100 %" : `${Math.min(99, Math.floor(p * 100))} %`);

function column(product) {
  const { facings, capacity, low, standing, p, level } = product;
  const room = Math.max(capacity, 1);
  const fill = level === "unknown" ? 0 : Math.min(standing / room, 1);
  return el("i", {
    class: `slot is-${levelOf(product)} ${sureness(product)}`,
    // What a browser keeps as properties needs no style in the document.
    style: [
      `--fill:${fill.toFixed(3)}`,
      `--low:${Math.min(low / room, 1).toFixed(3)}`,
      `--p:${(p ?? 1).toFixed(2)}`,
      `--wide:${Math.max(facings, 1)}`,
    ].join(";"),
  });
}

/** The picture; what does not belong there stands apart, at the end. Few products have their names below. */
export function shelfPicture({ products, unnamed }) {
  const planned = products.filter(({ facings }) => facings > 0);
  const others = products.filter(({ facings }) => facings === 0);
  const guests = [
    others.map((product) => el("i", { class: `guest ${product.misplaced ? "misplaced" : ""}` })),
    unnamed > 0 && el("i", { class: "guest unnamed" }),
  ];
  return [
    el("div", { class: "board-picture", "aria-hidden": "true" }, planned.map(column), guests),
    planned.length <= MOST_NAMED &&
      el(
        "div",
        { class: "board-names", "aria-hidden": "true" },
        planned.map((product) =>
          el("span", { style: `--wide:${Math.max(product.facings, 1)}` }, names(product).first),
        ),
      ),
  ];
}

/** One product's fill, lying: for lists. */
export function fillBar(product) {
  return el("span", { class: "fill-bar", "aria-hidden": "true" }, column(product));
}

/** What each sign in the picture means, in words. */
export function legend() {
  const sample = (level, over) => ({
    facings: 1,
    capacity: 10,
    low: 3,
    standing: { ok: 8, low: 2, empty: 0, unknown: 0 }[level],
    p: 0.98,
    misplaced: false,
    level,
    ...over,
  });
  const entry = (key, mark) => el("li", {}, mark, el("span", {}, t(key)));
  const boxed = (product) => el("span", { class: "board-picture small-board" }, column(product));
  return el(
    "ul",
    { class: "shelf-legend" },
    entry("legend.ok", boxed(sample("ok"))),
    entry("legend.low", boxed(sample("low"))),
    entry("legend.empty", boxed(sample("empty"))),
    entry("legend.unsure", boxed(sample("ok", { p: 0.6 }))),
    entry("legend.unknown", boxed(sample("unknown"))),
    entry(
      "legend.misplaced",
      el("span", { class: "board-picture small-board" }, el("i", { class: "guest misplaced" })),
    ),
  );
}
