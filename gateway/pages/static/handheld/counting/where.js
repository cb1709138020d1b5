// Which place to count: those that the stock knows, or the name of another.

import { el, icon } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import "/static/handheld/counting/words.js";
import { nameOf } from "/static/handheld/places.js";
import * as snapshot from "/static/handheld/snapshot.js";

/** Ask in a sheet, and go there. */
export function askWhere() {
  const go = (place) => {
    dialog.close();
    location.hash = `#counting/${place}`;
  };
  const other = el("input", {
    pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,31}",
    maxLength: 32,
    required: true,
    autocapitalize: "off",
    spellcheck: false,
  });
  const dialog = el(
    "dialog",
    { class: "sheet", onclose: () => dialog.remove(), "aria-label": t("counting.which") },
    el(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          go(other.value.trim());
        },
      },
      el("h2", {}, t("counting.which")),
      el(
        "div",
        { class: "choices many" },
        snapshot.places().map((place) => el("button", { type: "button", onclick: () => go(place) }, nameOf(place))),
      ),
      el("label", {}, t("found.other"), other),
      el(
        "div",
        { class: "pair" },
        el("button", { type: "button", onclick: () => dialog.close() }, t("count.cancel")),
        el("button", { type: "submit", class: "primary" }, icon("count"), t("counting.go")),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
