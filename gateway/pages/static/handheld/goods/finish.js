// The end of a delivery: what differs from what was announced, once more, before it is closed.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { differences, judge, nameOfExtra } from "/static/handheld/goods/lines.js";
import { network } from "/static/handheld/network.js";
import { why } from "/static/refusals.js";

/** Show the sheet; `close()` closes the delivery at the gateway. */
export function finishSheet(delivery, close) {
  const said = el("p", { class: "problem", role: "alert" }, network.isOnline ? "" : t("goods.finish.offline"));
  const differ = differences(delivery);
  const surplus = delivery.unexpected;
  const go = async (event) => {
    event.preventDefault();
    said.textContent = "";
    try {
      await close();
      dialog.close();
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
      said.textContent = why(error);
    }
  };
  const dialog = el(
    "dialog",
    { class: "sheet", onclose: () => dialog.remove(), "aria-label": t("goods.finish.title") },
    el(
      "form",
      { onsubmit: go },
      el("h2", {}, t("goods.finish.title")),
      differ.length || surplus.length
        ? [
            el("p", { class: "soft" }, t("goods.finish.diff")),
            el("ul", { class: "rows summary-rows" }, differ.map(row), surplus.map(extra)),
          ]
        : el("p", { class: "all-here" }, icon("check", 28), t("goods.finish.all")),
      said,
      el(
        "div",
        { class: "pair" },
        el("button", { type: "button", onclick: () => dialog.close() }, t("goods.finish.back")),
        el(
          "button",
          { type: "submit", class: "primary", disabled: !network.isOnline },
          icon("check"),
          t("goods.finish.go"),
        ),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

function row(one) {
  const { kind, picture, text } = judge(one, true);
  return el(
    "li",
    {},
    el("b", { class: "grow" }, names(one).first),
    el("span", { class: `chip plain ${kind}` }, icon(picture, 15), text),
  );
}

const extra = (one) =>
  el(
    "li",
    {},
    el("b", { class: "grow" }, nameOfExtra(one)),
    el("span", { class: "chip plain warn" }, icon("alert", 15), `${t("goods.unexpected")} ×${one.quantity}`),
  );
