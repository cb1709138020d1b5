// The scanning loop of a delivery: a code in, what it was out, and the last one can be taken back.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { act, acts, forget } from "/static/handheld/acts.js";
import { ask } from "/static/handheld/network.js";
import { why } from "/static/refusals.js";

const target = new EventTarget();
let last = null; // {delivery, code, answer?, kept?, refused?} of the scan made last on this device

/** What the acts of a delivery are kept under. */
export const subjectOf = (id) => `delivery ${id}`;

/** Call `listener` after each scan. */
export const onScan = (listener) => target.addEventListener("scan", listener);
const path = (id, what) => `/api/deliveries/${encodeURIComponent(id)}/${what}`;

/** Take what a scanner read. Never throws for what a scanner may read: it is said on the page. */
export async function take(id, code, quantity = 1) {
  try {
    const shown = { code, quantity };
    const done = await act(subjectOf(id), path(id, "seen"), (seen) => ({ seen, code, quantity }), shown);
    last = { delivery: id, code, quantity, ...done };
    navigator.vibrate?.(done.answer?.expected === false ? [60, 60, 60] : 30);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    last = { delivery: id, code, refused: why(error) };
    navigator.vibrate?.([120, 60, 120]);
  }
  target.dispatchEvent(new Event("scan"));
  return last;
}

/** A short sentence about a scan: for the camera, which covers the page. */
export function sentence(scan) {
  if (scan.refused) return scan.refused;
  if (scan.kept) return t("goods.was.waits");
  const { answer } = scan;
  const what = answer.gtin
    ? `${names(answer).first} ×${answer.quantity ?? scan.quantity}`
    : (answer.sscc ?? answer.epc ?? "");
  return `${t(verdict(answer).text)} · ${what}`;
}

function verdict(answer) {
  if (answer.expected === false) return { text: "goods.was.unexpected", kind: "warn", picture: "alert" };
  if (answer.sscc) return { text: "goods.was.unit", kind: "good", picture: "box" };
  return { text: "goods.was.product", kind: "good", picture: "check" };
}

/** What was scanned last, with how many and an undo; its room is there from the start. */
export function lastScan(id, redraw) {
  const scan = last?.delivery === id ? last : null;
  if (!scan)
    return el(
      "section",
      { class: "card last-scan none" },
      icon("camera", 28),
      el("p", { class: "soft" }, t("goods.last.none")),
    );
  const { kind, picture, text } = scan.refused
    ? { kind: "bad", picture: "cross", text: null }
    : scan.kept
      ? { kind: "warn", picture: "clock", text: "goods.was.waits" }
      : verdict(scan.answer);
  const answer = scan.answer ?? {};
  return el(
    "section",
    { class: `card last-scan ${kind}`, role: "status" },
    el("span", { class: "scan-mark" }, icon(picture, 28)),
    el(
      "span",
      { class: "grow" },
      el("b", { class: "block" }, text ? t(text) : scan.refused),
      el("span", { class: "soft small" }, answer.gtin ? names(answer).first : scan.code),
    ),
    answer.gtin && !scan.kept && stepper(id, scan, redraw),
    !scan.refused &&
      el(
        "button",
        { type: "button", "aria-label": t("undo"), data: { key: "unsee" }, onclick: () => takeBack(id, redraw) },
        icon("undo"),
      ),
  );
}

/** One more of the same: what a clerk who has ten of a kind presses instead of scanning ten times. */
const stepper = (id, scan, redraw) =>
  el(
    "button",
    {
      type: "button",
      "aria-label": t("count.more"),
      data: { key: "more" },
      onclick: () => take(id, scan.code).then(redraw),
    },
    icon("plus"),
  );

async function takeBack(id, redraw) {
  const waiting = (await acts(subjectOf(id))).filter(({ state }) => state === "waiting").at(-1);
  try {
    if (waiting) await forget(waiting.act);
    else await ask("POST", path(id, "unsee"));
    last = null;
    toast(t("goods.undone"), { key: "goods" });
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    toast(why(error), { kind: "bad", key: "goods" });
  }
  await redraw();
}
