// One tagged item by its EPC: where it is and what became of it.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { ago, clock, t } from "/shared/i18n.js";
import { ask } from "/static/handheld/network.js";
import { gtinOfEpc } from "/static/handheld/snapshot.js";
import { why } from "/static/refusals.js";

/** Draw the item `epc` into `root`. */
export async function view(root, epc) {
  let item;
  try {
    item = await ask("GET", `/api/items/${encodeURIComponent(epc)}`, undefined, { timeoutMs: 4000 });
  } catch (error) {
    return missing(root, epc, error);
  }
  const age = ago(Math.max(0, (Date.now() - item.last_seen_ms) / 1000));
  return show(
    root,
    el(
      "article",
      { class: "product" },
      el("header", {}, el("h1", {}, t("item.title")), el("p", { class: "mono soft" }, item.epc)),
      el(
        "p",
        { class: "hand of-item" },
        el("b", { class: "state-word" }, t(item.state)),
        el(
          "span",
          {},
          [item.place, t("sure.of", { p: Math.round(item.p * 100) }), t("seen", { ago: age })].join(" · "),
        ),
      ),
      item.serial &&
        el(
          "p",
          { class: "facts" },
          el("span", { class: "soft" }, t("serial")),
          el("span", { class: "mono" }, item.serial),
        ),
      item.gtin &&
        el(
          "a",
          { class: "button wide", href: `#product/${item.gtin}` },
          icon("box"),
          el("span", { class: "mono" }, item.gtin),
        ),
      el(
        "section",
        { class: "card" },
        el("h2", {}, t("item.history")),
        el(
          "ul",
          { class: "rows" },
          item.history.map((change) =>
            el(
              "li",
              {},
              el(
                "span",
                { class: "grow" },
                el("b", {}, t(`item.${change.kind}`)),
                el("span", { class: "soft block" }, clock(change.t_ms)),
              ),
              el("span", {}, change.place),
              el("span", { class: "soft number" }, `${Math.round(change.p * 100)} %`),
            ),
          ),
        ),
      ),
    ),
  );
}

function missing(root, epc, error) {
  // Without network, and of a tag that nobody saw, the tag itself still says which product it is.
  const gtin = gtinOfEpc(epc);
  const text =
    error instanceof Unreachable
      ? t("offline.item")
      : error instanceof Refusal && error.status === 404
        ? t("item.unknown")
        : why(error);
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
