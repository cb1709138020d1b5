// How many pieces of goods without tags a clerk brought to the shelf.

import { el, icon } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";

/** Ask in a sheet; resolves to the number, or null when the clerk changes their mind. */
export function askBrought(task) {
  return new Promise((done) => {
    let said = null;
    const number = el("input", {
      class: "count-number",
      type: "number",
      inputMode: "numeric",
      min: 1,
      max: 100_000,
      step: 1,
      value: String(Math.max(1, task.quantity)),
      required: true,
      "aria-label": t("work.brought"),
    });
    const step = (by) => () => {
      number.value = String(Math.max(1, (Number(number.value) || 0) + by));
    };
    const dialog = el(
      "dialog",
      {
        class: "sheet",
        "aria-label": t("work.brought"),
        onclose: () => {
          dialog.remove();
          done(said);
        },
      },
      el(
        "form",
        {
          onsubmit: (event) => {
            event.preventDefault();
            said = Number(number.value);
            dialog.close();
          },
        },
        el("h2", {}, t("work.brought")),
        el("p", { class: "soft" }, names(task).first),
        el("p", { class: "soft small" }, t("work.brought.hint")),
        el(
          "div",
          { class: "stepper" },
          el("button", { type: "button", "aria-label": t("count.less"), onclick: step(-1) }, "−"),
          number,
          el("button", { type: "button", "aria-label": t("count.more"), onclick: step(1) }, "+"),
        ),
        el(
          "div",
          { class: "pair" },
          el("button", { type: "button", onclick: () => dialog.close() }, t("count.cancel")),
          el("button", { type: "submit", class: "primary" }, icon("check"), t("work.finish")),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
