// What stands there now becomes the plan: shown first, then taken over, and taken back if it was wrong.

import { call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { failed, made, putAll, undo } from "/static/manager/plan/changes.js";

const SHOWN = 100;

/** What would change, on one shelf or (without) on all. */
const proposed = async (shelf) => {
  const { proposal } = await call("POST", "/api/planogram/learn", { apply: false });
  return shelf ? proposal.filter((slot) => slot.shelf === shelf) : proposal;
};

function row(slot, old, title) {
  const before = old ? t("plan.text", old) : t("plan.nowhere");
  return el(
    "li",
    {},
    el("span", { class: "sign" }, slot.shelf),
    el(
      "span",
      { class: "grow" },
      el("b", {}, title),
      el("span", { class: "soft small block" }, before, " → "),
      el("span", { class: "small block" }, t("plan.text", slot)),
    ),
    el("span", { class: `chip plain` }, t(old ? "learn.larger" : "learn.new")),
  );
}

/**
 * Show what would change, and do it if somebody says so.
 *   shelf     only this one; null for all
 *   planned   (shelf, gtin) → what the plan says now, or undefined
 *   title     gtin → the product's names, or undefined
 *   changed   called after the plan was changed or changed back
 */
export async function learn({ shelf, planned, title, changed }) {
  let slots;
  try {
    slots = await proposed(shelf);
  } catch (error) {
    failed(error);
    return;
  }
  if (!slots.length) {
    toast(t("learn.nothing"));
    return;
  }
  const progress = el("progress", { max: 1, value: 0, hidden: true, "aria-label": t("learn") });
  const keys = el("div", { class: "pair" });
  const dialog = el(
    "dialog",
    { class: "card ask wide-ask", onclose: () => dialog.remove() },
    el("h2", {}, t("learn.title", { n: slots.length })),
    el("p", { class: "soft" }, t("learn.what")),
    el(
      "ul",
      { class: "rows learn-rows" },
      slots
        .slice(0, SHOWN)
        .map((slot) => row(slot, planned(slot.shelf, slot.gtin), names(title(slot.gtin) ?? slot).first)),
      slots.length > SHOWN && el("li", { class: "soft" }, t("file.more", { n: slots.length - SHOWN })),
    ),
    progress,
    keys,
  );
  const take = async () => {
    progress.hidden = false;
    show(keys);
    try {
      if (shelf) {
        await putAll(slots, (share) => {
          progress.value = share;
        });
      } else {
        progress.removeAttribute("value");
        made((await call("POST", "/api/planogram/learn", { apply: true }, { timeoutMs: 60_000 })).change);
      }
      toast(t("learn.done", { n: slots.length }), {
        action: { label: t("undo"), run: () => undo().then(changed) },
        seconds: 10,
      });
    } catch (error) {
      failed(error);
    }
    dialog.close();
    await changed();
  };
  show(
    keys,
    el("button", { type: "button", onclick: () => dialog.close() }, t("cancel")),
    el("button", { type: "button", class: "primary", onclick: take }, icon("check", 20), t("learn.take")),
  );
  document.body.append(dialog);
  dialog.showModal();
}
