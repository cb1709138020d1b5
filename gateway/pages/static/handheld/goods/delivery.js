// One delivery: begun, scanned carton by carton and piece by piece, and closed with what differs.

import { Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { acts } from "/static/handheld/acts.js";
import "/static/handheld/goods/words.js";
import { finishSheet } from "/static/handheld/goods/finish.js";
import { unexpected, unit } from "/static/handheld/goods/lines.js";
import { dueOf } from "/static/handheld/goods/list.js";
import { lastScan, subjectOf } from "/static/handheld/goods/scans.js";
import { get, put } from "/static/handheld/kept.js";
import { ask, network } from "/static/handheld/network.js";
import { press } from "/static/handheld/press.js";

const UNDO_MS = 600_000;
const path = (id, what = "") => `/api/deliveries/${encodeURIComponent(id)}${what && `/${what}`}`;

/** The delivery as it is, or as this device kept it. */
async function load(id) {
  try {
    if (!network.isOnline) throw new Unreachable("known to be gone");
    const found = await ask("GET", path(id), undefined, { timeoutMs: 4000 });
    await put("kept", `delivery-${id}`, found).catch(() => {}); // no room: it is not there when the network goes
    return found;
  } catch (error) {
    const kept = error instanceof Unreachable ? await get("kept", `delivery-${id}`) : null;
    if (!kept) throw error;
    return kept;
  }
}

/** Draw the delivery `id` into `root`. */
export async function view(root, id) {
  const delivery = await load(id);
  const waiting = (await acts(subjectOf(id))).filter(({ state }) => state === "waiting").length;
  const redraw = () => view(root, id);
  const isClosed = delivery.state === "received" || delivery.state === "cancelled";
  show(
    root,
    el(
      "article",
      { class: `product delivery ${delivery.state}`, data: { delivery: id } },
      head(delivery),
      delivery.state === "expected" && begin(delivery, redraw),
      delivery.state === "open" && lastScan(id, redraw),
      waiting > 0 && el("p", { class: "chip warn" }, t("goods.waiting", { n: waiting })),
      delivery.units_list.map((one) => unit(one, isClosed)),
      unexpected(delivery.unexpected),
      delivery.state === "open" && end(delivery, redraw),
      delivery.state === "received" && reopenKey(delivery, redraw),
    ),
  );
}

function head(delivery) {
  const { received, expected, units, units_seen: seen } = delivery;
  return el(
    "header",
    { class: "delivery-head" },
    el(
      "p",
      { class: "task-head" },
      el(
        "span",
        { class: `chip ${delivery.state === "open" ? "good" : "plain"}` },
        t(`goods.state.${delivery.state}`),
      ),
      el("span", { class: "soft small" }, dueOf(delivery)),
    ),
    el("h1", {}, delivery.supplier),
    el("p", { class: "soft small mono" }, delivery.delivery),
    el("progress", {
      class: "meter large",
      value: Math.min(received, expected),
      max: Math.max(1, expected),
      "aria-label": t("goods.pieces", { n: received, total: expected }),
    }),
    el(
      "p",
      { class: "tally" },
      el("b", {}, received),
      el("span", { class: "soft" }, `/ ${expected}`),
      units > 0 && el("span", { class: "grow end soft" }, t("goods.units", { n: seen, total: units })),
    ),
  );
}

/** A key that calls the gateway and then draws what is so. */
const action = (key, kind, picture, text, run, redraw) =>
  el(
    "button",
    {
      type: "button",
      class: `${kind} wide`,
      data: { key },
      onclick: (event) => press(event.currentTarget, run, { done: redraw, key: "goods" }),
    },
    icon(picture),
    text,
  );

const begin = (delivery, redraw) =>
  el(
    "section",
    { class: "card begin" },
    el("p", { class: "soft" }, t("goods.start.hint")),
    action("begin", "primary", "truck", t("goods.start"), () => ask("POST", path(delivery.delivery, "open")), redraw),
  );

async function reopen(delivery) {
  await ask("POST", path(delivery.delivery, "reopen"));
  toast(t("goods.reopened"), { key: "goods" });
}

const reopenKey = (delivery, redraw) =>
  Date.now() - (delivery.received_ms ?? 0) < UNDO_MS
    ? action("reopen", "", "undo", t("goods.reopen"), () => reopen(delivery), redraw)
    : null;

function end(delivery, redraw) {
  const close = async () => {
    await ask("POST", path(delivery.delivery, "received"));
    toast(t("goods.closed"), {
      seconds: 12,
      kind: "good",
      key: "goods",
      action: { label: t("undo"), run: () => press(null, () => reopen(delivery), { done: redraw, key: "goods" }) },
    });
    await redraw();
  };
  return el(
    "button",
    { type: "button", class: "wide", data: { key: "finish" }, onclick: () => finishSheet(delivery, close) },
    icon("check"),
    t("goods.finish"),
  );
}
