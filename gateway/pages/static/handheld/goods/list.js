// The deliveries: what is being received, what is on its way, what came.

import { el, icon, show } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
import "/static/handheld/goods/words.js";
import { ask } from "/static/handheld/network.js";
import { span } from "/static/handheld/span.js";

const ORDER = ["open", "expected", "received", "cancelled"];
const KINDS = { open: "good", expected: "plain", received: "plain", cancelled: "plain" };

/** Draw the list into `root`. */
export async function view(root) {
  const { deliveries } = await ask("GET", "/api/deliveries", undefined, { timeoutMs: 4000 });
  const sorted = [...deliveries].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || rank(a) - rank(b));
  show(
    root,
    el(
      "div",
      { class: "goods" },
      el("h1", { class: "out-of-sight" }, t("tab.goods")),
      sorted.length
        ? el("ul", { class: "list" }, sorted.map(row))
        : el(
            "div",
            { class: "empty" },
            icon("truck", 72),
            el("h2", {}, t("goods.none")),
            el("p", {}, t("goods.none.hint")),
          ),
    ),
  );
}

/** What is due soonest first; what came last first. */
const rank = ({ state, due_ms: due, received_ms: received }) => (state === "received" ? -(received ?? due) : due);

/** "in 2 h", "late by 20 min", "received 10:40" */
export function dueOf({ state, due_ms: due, received_ms: received }) {
  if (state === "open") return t("goods.due-at", { time: clock(due) });
  if (state === "received") return t("goods.received-at", { time: clock(received ?? due) });
  const left = due - Date.now();
  return left >= 0 ? t("goods.due", { time: span(left) }) : t("goods.late", { time: span(-left) });
}

function row(one) {
  const isLate = one.state === "expected" && one.due_ms < Date.now();
  return el(
    "li",
    {},
    el(
      "a",
      { class: `card delivery-row ${one.state}`, href: `#delivery/${one.delivery}`, data: { key: one.delivery } },
      el(
        "p",
        { class: "task-head" },
        el("span", { class: `chip ${KINDS[one.state] ?? "plain"}` }, t(`goods.state.${one.state}`)),
        el(
          "span",
          { class: `small grow end ${isLate ? "late" : "soft"}` },
          one.state === "cancelled" ? "" : dueOf(one),
        ),
      ),
      el("h2", {}, one.supplier),
      el("p", { class: "soft small mono" }, one.delivery),
      el("progress", {
        class: "meter",
        value: Math.min(one.received, one.expected),
        max: Math.max(1, one.expected),
        "aria-hidden": "true",
      }),
      el(
        "p",
        { class: "soft small" },
        one.units > 0 && `${t("goods.units", { n: one.units_seen, total: one.units })} · `,
        t("goods.pieces", { n: one.received, total: one.expected }),
      ),
    ),
  );
}
