// What a delivery should bring and what came of it, carton by carton and product by product.

import { el, icon } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";

/** The judgement of a line: a kind of chip, an icon, words; never by colour alone. `isHere`: its carton came, or the
 *  delivery is closed, so that what lacks is short and not on its way. */
export function judge({ expected, received }, isHere = false) {
  if (received === expected) return { kind: "good", picture: "check", text: t("goods.complete") };
  if (received > expected)
    return { kind: "warn", picture: "plus", text: t("goods.over", { n: received - expected }) };
  const lacks = expected - received;
  if (!isHere)
    return { kind: "plain", picture: "clock", text: t(received ? "goods.to-come" : "goods.missing", { n: lacks }) };
  return { kind: "bad", picture: "minus", text: t("goods.short", { n: lacks }) };
}

function line(one, isHere) {
  const { kind, picture, text } = judge(one, isHere);
  const { first, second } = names(one);
  return el(
    "li",
    { class: "delivery-line", data: { gtin: one.gtin } },
    el(
      "span",
      { class: "grow" },
      el("b", { class: "block" }, first),
      second && el("span", { class: "soft small block" }, second),
      el(
        "span",
        { class: "line-state" },
        el("span", { class: `chip plain ${kind}` }, icon(picture, 15), text),
        one.by_unit > 0 && one.by_unit === one.received && el("span", { class: "soft tiny" }, t("goods.by-unit")),
        one.by_tag > 0 && el("span", { class: "soft tiny" }, t("goods.by-tag", { n: one.by_tag })),
        one.by_hand > 0 && el("span", { class: "soft tiny" }, t("goods.by-hand", { n: one.by_hand })),
      ),
      el("progress", {
        class: `meter ${kind}`,
        value: Math.min(one.received, one.expected),
        max: Math.max(1, one.expected),
        "aria-hidden": "true",
      }),
    ),
    el("b", { class: "quantity of" }, one.received, el("span", { class: "soft" }, `/${one.expected}`)),
  );
}

/** One logistic unit (or what came loose) with its lines; complete ones are folded up. */
export function unit(one, isClosed) {
  const isComplete = one.lines.every(({ expected, received }) => received === expected);
  const total = one.lines.reduce((sum, { expected }) => sum + expected, 0);
  const here = one.lines.reduce((sum, { received }) => sum + received, 0);
  return el(
    "details",
    {
      class: "card unit",
      open: !isComplete,
      data: { key: `unit-${one.sscc ?? "loose"}`, was: isComplete ? "folded" : "open" },
    },
    el(
      "summary",
      {},
      icon(one.sscc ? "box" : "basket"),
      el(
        "span",
        { class: "grow" },
        el(
          "b",
          { class: "block" },
          one.sscc ? t("goods.unit", { sscc: `…${one.sscc.slice(-5)}` }) : t("goods.loose"),
        ),
        one.sscc &&
          el(
            "span",
            { class: `tiny ${one.seen_ms ? "here" : "soft"}` },
            one.seen_ms ? t("goods.unit.seen", { time: clock(one.seen_ms) }) : t("goods.unit.waits"),
          ),
      ),
      isComplete &&
        el(
          "span",
          { class: "chip plain good" },
          icon("check", 15),
          el("span", { class: "out-of-sight" }, t("goods.complete")),
        ),
      el("span", { class: "number" }, `${here}/${total}`),
    ),
    el(
      "ul",
      { class: "rows" },
      one.lines.map((each) => line(each, isClosed || one.seen_ms !== null)),
    ),
  );
}

/** What something that nobody announced is called: a product, a carton, or a tag that nobody knows. */
export function nameOfExtra({ sscc, ...one }) {
  if (one.gtin) return names(one).first;
  return sscc ? t("goods.unit", { sscc: `…${sscc.slice(-5)}` }) : t("goods.unknown-tag");
}

/** What nobody announced. */
export function unexpected(list) {
  if (!list.length) return null;
  return el(
    "section",
    { class: "card unexpected" },
    el("h2", {}, icon("alert", 18), t("goods.unexpected")),
    el("p", { class: "soft small" }, t("goods.unexpected.hint")),
    el(
      "ul",
      { class: "rows" },
      list.map((one) =>
        el(
          "li",
          {},
          el(
            "span",
            { class: "grow" },
            el("b", { class: "block" }, nameOfExtra(one)),
            one.epc && el("span", { class: "mono soft tiny block" }, one.epc),
          ),
          el("b", { class: "quantity" }, one.quantity),
        ),
      ),
    ),
  );
}

/** All lines of a delivery by product, and which differ. */
export function differences(delivery) {
  const by = new Map();
  for (const one of delivery.units_list.flatMap(({ lines }) => lines)) {
    const known = by.get(one.gtin) ?? { ...one, expected: 0, received: 0 };
    by.set(one.gtin, { ...known, expected: known.expected + one.expected, received: known.received + one.received });
  }
  return [...by.values()].filter(({ expected, received }) => expected !== received);
}
