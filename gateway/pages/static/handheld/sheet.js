// The sheet at the bottom that asks one thing: a number with a thumb's − and +, or the name of a place.

import { el, icon } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

/** A sheet with `title`, `parts`, and the keys to cancel and to `save` ({icon, text}). Opens it; gives the dialog. */
export function openSheet({ title, parts, save, onSubmit, onClose = () => {} }) {
  const dialog = el(
    "dialog",
    {
      class: "sheet",
      "aria-label": title,
      onclose: () => {
        dialog.remove();
        onClose();
      },
    },
    el(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          onSubmit();
        },
      },
      el("h2", {}, title),
      parts,
      el(
        "div",
        { class: "pair" },
        el("button", { type: "button", onclick: () => dialog.close() }, t("count.cancel")),
        el("button", { type: "submit", class: "primary" }, icon(save.icon), save.text),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A number that is typed or stepped, `min` to `max`: the field, and the row to show. */
export function numberStepper({ value, min, max, label }) {
  const number = el("input", {
    class: "count-number",
    type: "number",
    inputMode: "numeric",
    min,
    max,
    step: 1,
    value: String(value),
    required: true,
    "aria-label": label,
  });
  const step = (by) => () => {
    number.value = String(Math.max(min, (Number(number.value) || 0) + by));
  };
  const row = el(
    "div",
    { class: "stepper" },
    el("button", { type: "button", "aria-label": t("count.less"), onclick: step(-1) }, "−"),
    number,
    el("button", { type: "button", "aria-label": t("count.more"), onclick: step(1) }, "+"),
  );
  return { number, row };
}

/** A field for the name of a place. */
export const placeField = (value = "") =>
  el("input", {
    value,
    required: true,
    pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,31}",
    maxLength: 32,
    autocapitalize: "off",
    spellcheck: false,
  });
