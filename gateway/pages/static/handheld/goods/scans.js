// The scanning loop of a delivery: a code in, what it was out, and the last one can be taken back.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { act, acts, forget } from "/static/handheld/acts.js";
import { why } from "/static/refusals.js";
import { buzz } from "/static/handheld/buzz.js";

const target = new EventTarget();
let last = null; // {delivery, code, id?, answer?, kept?, refused?} of the scan made last on this device

/** What the acts of a delivery are kept under. */
export const subjectOf = (id) => `delivery ${id}`;

/** Call `listener` after each scan. */
export const onScan = (listener) => target.addEventListener("scan", listener);
const path = (id, what) => `/api/deliveries/${encodeURIComponent(id)}/${what}`;

/** Take what a scanner read. Never throws for what a scanner may read: it is said on the page. `more` may say
 *  {accept: false} of a carton that is opened and looked into. */
export async function take(id, code, more = {}) {
  try {
    const make = (seen) => ({ seen, code, t_ms: Date.now(), ...more });
    const done = await act(subjectOf(id), path(id, "seen"), make, { code, delivery: id });
    last = { delivery: id, code, ...done };
    buzz(done.answer?.expected === false ? [60, 60, 60] : 30);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    last = { delivery: id, code, refused: why(error) };
    buzz([120, 60, 120]);
  }
  target.dispatchEvent(new Event("scan"));
  return last;
}

/** A short sentence about a scan: for the camera, which covers the page. */
export function sentence(scan) {
  if (scan.refused) return scan.refused;
  return [t(verdict(scan).text), whatOf(scan), standOf(scan)].filter(Boolean).join(" · ");
}

function verdict({ refused, kept, answer }) {
  if (refused) return { kind: "bad", picture: "cross", text: "problem" };
  if (kept) return { kind: "warn", picture: "clock", text: "goods.was.waits" };
  if (!answer.expected) return { kind: "warn", picture: "alert", text: "goods.was.unexpected" };
  if (answer.kind === "unit") return { kind: "good", picture: "box", text: "goods.was.unit" };
  return { kind: "good", picture: "check", text: "goods.was.product" };
}

/** What it was: the product, else the carton, else what the scanner read. */
function whatOf({ answer, code }) {
  if (answer?.gtin) return names(answer).first;
  return answer?.sscc ? t("goods.unit", { sscc: `…${answer.sscc.slice(-5)}` }) : code;
}

/** How far that product or carton is now, or where it belongs instead. */
function standOf({ answer }) {
  if (!answer) return "";
  if (answer.elsewhere) return t("goods.was.elsewhere", { delivery: answer.elsewhere });
  return answer.expected ? t("goods.pieces", { n: answer.pieces_received, total: answer.pieces_expected }) : "";
}

/** What was scanned last, with what can be done about it; its room is there from the start. */
export function lastScan(id, redraw) {
  const scan = last?.delivery === id ? last : null;
  if (!scan)
    return el(
      "section",
      { class: "card last-scan none" },
      icon("camera", 28),
      el("p", { class: "soft" }, t("goods.last.none")),
    );
  const { kind, picture, text } = verdict(scan);
  return el(
    "section",
    { class: `card last-scan ${kind}`, role: "status" },
    el("span", { class: "scan-mark" }, icon(picture, 28)),
    el(
      "span",
      { class: "grow" },
      el("b", { class: "block" }, scan.refused ?? t(text)),
      el("span", { class: "small block" }, whatOf(scan)),
      standOf(scan) && el("span", { class: "soft small block" }, standOf(scan)),
    ),
    scan.answer?.kind === "hand" && key("more", "plus", t("count.more"), () => take(id, scan.code), redraw),
    !scan.refused && key("unsee", "undo", t("undo"), () => takeBack(id, scan), redraw),
    scan.answer?.kind === "unit" &&
      scan.answer.expected &&
      !scan.isOpened &&
      el(
        "button",
        {
          type: "button",
          class: "look-inside",
          data: { key: "inside" },
          onclick: () => lookInside(id, scan).then(redraw),
        },
        icon("search"),
        t("goods.inside"),
      ),
  );
}

const key = (name, picture, label, run, redraw) =>
  el(
    "button",
    { type: "button", "aria-label": label, data: { key: name }, onclick: () => run().then(redraw) },
    icon(picture),
  );

/** A carton that is opened after all: nobody vouches for what is in it, so its pieces are counted. */
async function lookInside(id, scan) {
  await takeBack(id, scan);
  const again = await take(id, scan.code, { accept: false });
  if (!again.refused) {
    again.isOpened = true;
    toast(t("goods.inside.now"), { key: "goods", seconds: 8 });
  }
}

async function takeBack(id, scan) {
  try {
    const waits = scan.kept && (await acts(subjectOf(id))).find(({ act: one }) => one === scan.id);
    if (waits && !waits.tried) await forget(scan.id);
    else {
      if (waits) await forget(scan.id);
      await act(subjectOf(id), path(id, "unsee"), () => ({ seen: scan.id }), {
        code: scan.code,
        delivery: id,
        isUndo: true,
      });
    }
    last = null;
    toast(t("goods.undone"), { key: "goods" });
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    toast(why(error), { kind: "bad", key: "goods" });
  }
}
