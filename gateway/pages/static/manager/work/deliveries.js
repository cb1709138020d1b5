// Deliveries: what is on its way, what of it was seen, and where it differs from the notice.

import { call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";
import { age, serverNow } from "/static/manager/data.js";
import { fileKey, progressIn, refusedLines } from "/static/manager/files.js";
import { address } from "/static/manager/views.js";
import { fromCsv, fromJson } from "/static/manager/work/notice.js";
import { why } from "/static/refusals.js";

const STATE = { expected: "plain", open: "good", received: "plain", cancelled: "warn" };
const ORDER = ["open", "expected", "received", "cancelled"];

function deliveryRow(one) {
  const isOver = one.state === "received";
  return el(
    "li",
    {},
    el(
      "a",
      { class: "delivery", href: address("work", one.delivery) },
      icon("truck", 26),
      el(
        "span",
        { class: "grow" },
        el("b", {}, one.supplier || one.delivery),
        el(
          "span",
          { class: "soft small block" },
          `${one.delivery} · `,
          isOver
            ? t("delivery.received.at", { time: clock(one.received_ms) })
            : t("delivery.due", { time: clock(one.due_ms) }),
        ),
      ),
      el(
        "span",
        { class: "delivery-progress" },
        el("progress", { max: Math.max(one.expected, 1), value: one.received, "aria-label": t("delivery.progress") }),
        el("span", { class: "number small" }, t("amount", { n: one.received, of: one.expected })),
      ),
      el("span", { class: `chip ${STATE[one.state]}` }, t(`delivery.${one.state}`)),
    ),
  );
}

async function send(notices, said) {
  const onProgress = progressIn(said, t("delivery.notice"));
  const refused = [];
  for (const [at, notice] of notices.entries()) {
    try {
      await call("POST", "/api/deliveries", notice);
    } catch (error) {
      refused.push({ line: notice?.delivery ?? at + 1, why: why(error) });
    }
    onProgress((at + 1) / notices.length);
  }
  return refused;
}

async function take(file, said, again) {
  const text = await file.text();
  const isJson = file.name.toLowerCase().endsWith(".json") || /^\s*[[{]/.test(text);
  const { notices, refused } = isJson ? fromJson(text) : fromCsv(text);
  const unread = refused.map(({ line, key, values }) => ({ line, why: t(key, values) }));
  const unsent = await send(notices, said);
  const taken = notices.length - unsent.length;
  show(
    said,
    el(
      "div",
      { class: "card" },
      el("b", {}, taken ? t("delivery.taken", { n: taken }) : t("delivery.taken.none")),
      unread.length + unsent.length > 0 && refusedLines([...unread, ...unsent]),
    ),
  );
  await again();
}

/** The key that takes a notice in; what became of it stands in `said`. */
export const noticeKey = (said, again) =>
  fileKey(t("delivery.upload"), ".json,.csv,application/json,text/csv", (file) => take(file, said, again));

/** The list, what is open first. */
export function drawDeliveries(root, { deliveries }) {
  const sorted = [...deliveries].sort(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      (a.state === "received" ? b.due_ms - a.due_ms : a.due_ms - b.due_ms),
  );
  show(
    root,
    sorted.length
      ? el("ul", { class: "rows" }, sorted.map(deliveryRow))
      : el("p", { class: "soft" }, t("delivery.none")),
  );
}

/** Who says that it is here: its unit's number, its tags, a clerk. */
const witnesses = (line) =>
  ["unit", "tag", "hand"]
    .filter((who) => line[`by_${who}`])
    .map((who) => t(`delivery.by.${who}`, { n: line[`by_${who}`] }))
    .join(", ");

function lineRow(line, isOver) {
  const lacks = line.expected - line.received;
  const isLate = lacks > 0 && isOver;
  return el(
    "li",
    { class: lacks ? "differs" : "" },
    el("span", { class: "grow" }, names(line).first, el("span", { class: "mono soft small block" }, line.gtin)),
    el("span", { class: "soft small number" }, witnesses(line)),
    el("b", { class: "number" }, t("amount", { n: line.received, of: line.expected })),
    lacks < 0 && el("span", { class: "chip warn" }, t("delivery.more", { n: -lacks })),
    lacks > 0 && el("span", { class: `chip ${isLate ? "bad" : "plain"}` }, t("delivery.lacks", { n: lacks })),
    lacks === 0 && el("span", { class: "chip good" }, t("delivery.all")),
  );
}

function unitCard(unit, isOver) {
  return el(
    "section",
    { class: "card" },
    el(
      "h3",
      { class: "unit-head" },
      icon("box", 22),
      el("span", { class: "mono grow" }, unit.sscc ?? t("delivery.loose")),
      unit.sscc &&
        (unit.seen_ms
          ? el("span", { class: "chip good" }, t("delivery.seen", { time: clock(unit.seen_ms) }))
          : el("span", { class: `chip ${isOver ? "bad" : "plain"}` }, t("delivery.unseen"))),
    ),
    el(
      "ul",
      { class: "rows tight" },
      unit.lines.map((line) => lineRow(line, isOver)),
    ),
  );
}

/** One delivery with its units, and what nobody announced. */
export function drawDelivery(root, one) {
  const isOver = one.state === "received";
  show(
    root,
    el("a", { class: "way-back", href: "#work" }, icon("back", 20), t("delivery.back")),
    el(
      "header",
      { class: "shelf-head" },
      el("h1", { class: "grow" }, one.supplier || one.delivery),
      el("span", { class: `chip ${STATE[one.state]}` }, t(`delivery.${one.state}`)),
    ),
    el(
      "p",
      { class: "soft" },
      `${one.delivery} · `,
      isOver
        ? t("delivery.received.by", { time: clock(one.received_ms), by: one.by_name ?? one.by ?? "–" })
        : t("delivery.due", { time: clock(one.due_ms) }),
      !isOver && one.due_ms < serverNow() && el("b", { class: "bad-text" }, " · ", age(one.due_ms, "delivery.late")),
    ),
    el(
      "div",
      { class: "card" },
      el("progress", { max: Math.max(one.expected, 1), value: one.received, "aria-label": t("delivery.progress") }),
      el(
        "p",
        {},
        el("b", { class: "number" }, t("amount", { n: one.received, of: one.expected })),
        ` ${t("delivery.pieces")} · `,
        t("delivery.units", { n: one.units_seen, of: one.units }),
      ),
    ),
    one.unexpected.length > 0 &&
      el(
        "section",
        { class: "card" },
        el("h3", { class: "unit-head" }, icon("alert", 22), t("delivery.unexpected")),
        el(
          "ul",
          { class: "rows tight" },
          one.unexpected.map((line) =>
            el(
              "li",
              {},
              el(
                "span",
                { class: "grow" },
                names(line).first,
                el("span", { class: "mono soft small block" }, line.gtin ?? line.sscc ?? line.epc ?? ""),
              ),
              el("b", { class: "number" }, line.quantity),
            ),
          ),
        ),
      ),
    el(
      "div",
      { class: "units" },
      one.units_list.map((unit) => unitCard(unit, isOver)),
    ),
  );
}
