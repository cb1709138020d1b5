// How many pieces of goods without tags a clerk brought to the shelf.

import { el } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { numberStepper, openSheet } from "/static/handheld/sheet.js";

/** Ask in a sheet; resolves to the number, or null when the clerk changes their mind. */
export function askBrought(task) {
  return new Promise((done) => {
    let said = null;
    const value = Math.max(1, task.quantity);
    const { number, row } = numberStepper({ value, min: 1, max: 100_000, label: t("work.brought") });
    const dialog = openSheet({
      title: t("work.brought"),
      parts: [
        el("p", { class: "soft" }, names(task).first),
        el("p", { class: "soft small" }, t("work.brought.hint")),
        row,
      ],
      save: { icon: "check", text: t("work.finish") },
      onSubmit: () => {
        said = Number(number.value);
        dialog.close();
      },
      onClose: () => done(said),
    });
  });
}
