// What a place is called, and the sign that hangs over it.

import { el } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const SPECIAL = ["backroom", "counter"];

/** The name of a place for people: "Shelf A1", "Back room". */
export const nameOf = (place) => (SPECIAL.includes(place) ? t(place) : t("shelf", { place }));

/** The same within a sentence: "shelf A1", "the back room". */
export const nameWithin = (place) => (SPECIAL.includes(place) ? t(`within.${place}`) : t("within.shelf", { place }));

/** The sign over a place, as large as what a clerk looks for in the aisle; "A1" or "Back room". */
export const sign = (place, kind = "") =>
  el(
    "span",
    { class: `sign place ${kind}` },
    SPECIAL.includes(place)
      ? t(place)
      : [el("span", { class: "out-of-sight" }, t("shelf", { place })), hidden(place)],
  );

const hidden = (text) => el("span", { "aria-hidden": "true" }, text);
