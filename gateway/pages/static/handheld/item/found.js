// "I have found it": where a missing item stands after all.

import { Refusal, Unreachable } from "/shared/api.js";
import { el } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { ask } from "/static/handheld/network.js";
import { nameOf, nameWithin } from "/static/handheld/places.js";
import { openSheet, placeField } from "/static/handheld/sheet.js";
import { why } from "/static/refusals.js";

/** The places that are likely: where it belongs, where it was seen last, the back room. */
const likely = (item) => [...new Set([...(item.belongs ?? []), item.place, "backroom"])].filter(Boolean);

/** Ask where it is, in a sheet; `done()` when the gateway knows. */
export function foundSheet(item, done) {
  const said = el("p", { class: "problem", role: "alert" });
  const other = placeField();
  const say = async (place) => {
    said.textContent = "";
    try {
      await ask("POST", `/api/items/${encodeURIComponent(item.epc)}/found`, { place });
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
      said.textContent = why(error);
      return;
    }
    dialog.close();
    toast(t("found.said", { place: nameWithin(place) }), { kind: "good" });
    await done();
  };
  const dialog = openSheet({
    title: t("found.where"),
    parts: [
      said,
      el(
        "div",
        { class: "choices" },
        likely(item).map((place) => el("button", { type: "button", onclick: () => say(place) }, nameOf(place))),
      ),
      el("label", {}, t("found.other"), other),
    ],
    save: { icon: "check", text: t("found.save") },
    onSubmit: () => say(other.value.trim()),
  });
}
