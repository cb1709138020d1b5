// Which place to count: those that the stock knows, or the name of another.

import { el } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import "/static/handheld/counting/words.js";
import { nameOf } from "/static/handheld/places.js";
import { openSheet, placeField } from "/static/handheld/sheet.js";
import * as snapshot from "/static/handheld/snapshot.js";

/** Ask in a sheet, and go there. */
export function askWhere() {
  const other = placeField();
  const go = (place) => {
    dialog.close();
    location.hash = `#counting/${place}`;
  };
  const dialog = openSheet({
    title: t("counting.which"),
    parts: [
      el(
        "div",
        { class: "choices many" },
        snapshot.places().map((place) => el("button", { type: "button", onclick: () => go(place) }, nameOf(place))),
      ),
      el("label", {}, t("found.other"), other),
    ],
    save: { icon: "count", text: t("counting.go") },
    onSubmit: () => go(other.value.trim()),
  });
}
