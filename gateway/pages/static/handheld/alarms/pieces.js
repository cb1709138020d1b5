// The pieces of an alarm: how each is now, and where it was seen last.

import { el, icon } from "/shared/dom.js";
import { ago, names, t } from "/shared/i18n.js";
import "/static/handheld/item/words.js";
import { ask, network } from "/static/handheld/network.js";
import { nameOf } from "/static/handheld/places.js";

const MOST = 12;

/** What is known of its pieces now; a piece that cannot be asked for has only its number. */
export const known = (alarm) =>
  Promise.all(
    alarm.epcs
      .slice(0, MOST)
      .map((epc) => (network.isOnline ? ask("GET", `/api/items/${epc}`).catch(() => ({ epc })) : { epc })),
  );

/** Where it was seen last: "Shelf A3 · seen 2 min ago". */
const seenOf = ({ place, last_seen_ms: at }) =>
  `${nameOf(place)} · ${t("seen", { ago: ago(Math.max(0, (Date.now() - at) / 1000)) })}`;

function row(alarm, item) {
  const state = item.state ? t(`state.${item.state}`) : null;
  // Of several products each piece says which it is.
  const name = !alarm.gtin && item.state ? names(item).first : null;
  return el(
    "li",
    {},
    el(
      "a",
      { class: "piece", href: `#item/${item.epc}`, data: { key: item.epc } },
      icon("tag"),
      el(
        "span",
        { class: "grow" },
        el("b", { class: "block" }, name ?? state ?? el("span", { class: "mono" }, item.epc)),
        name && el("span", { class: "small block" }, state),
        state && el("span", { class: "soft small" }, seenOf(item)),
      ),
      item.serial && el("span", { class: "soft mono small" }, item.serial),
    ),
  );
}

/** The card with all of them. */
export const listed = (alarm, pieces) =>
  el(
    "section",
    { class: "card" },
    el("h2", {}, t("alarm.pieces")),
    pieces.length
      ? el(
          "ul",
          { class: "rows" },
          pieces.map((item) => row(alarm, item)),
        )
      : el("p", { class: "soft" }, t("alarm.pieces.none")),
    alarm.epcs.length > pieces.length &&
      el("p", { class: "soft small" }, t("alarm.pieces.more", { n: alarm.epcs.length - pieces.length })),
  );
