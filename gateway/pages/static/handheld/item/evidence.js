// The evidence of one step in an item's life, in words and little pictures.

import { el, svg } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { whoIs } from "/static/handheld/people.js";
import { span } from "/static/handheld/span.js";

const LOUD_DBM = -55;
const CLEAR_DBM = -65;
const STILL_MS = 2000; // read so shortly before is read until then

/** How loud a tag answered, as four bars like those of a telephone, and a word. */
function loudness(rssi) {
  const word = rssi >= LOUD_DBM ? "loud" : rssi >= CLEAR_DBM ? "clear" : "faint";
  const filled = { loud: 4, clear: rssi >= (LOUD_DBM + CLEAR_DBM) / 2 ? 3 : 2, faint: 1 }[word];
  return el(
    "span",
    { class: "loudness" },
    svg(
      "svg",
      { viewBox: "0 0 26 18", "aria-hidden": "true" },
      [0, 1, 2, 3].map((at) =>
        svg("rect", {
          x: at * 7,
          y: 13 - at * 4,
          width: 5,
          height: 5 + at * 4,
          rx: 1.2,
          class: at < filled ? "on" : "off",
        }),
      ),
    ),
    `${t(`evidence.${word}`)} (${String(Math.round(rssi)).replace("-", "−")} dBm)`,
  );
}

/** What was measured, or who said so: a list of short phrases, each a node or a text. */
export function phrases({ t_ms: at, evidence }) {
  const { reads, rssi_dbm: rssi, read_rate: rate, last_read_ms: last } = evidence ?? {};
  const { door, sale, basket, by, delivery, alarm, reason } = evidence ?? {};
  const has = (value) => value !== null && value !== undefined;
  return [
    reason && t(`because.${reason}`),
    door && t("evidence.door", { door }),
    sale && t("evidence.sale", { sale }),
    basket && t("evidence.basket", { basket }),
    delivery && el("a", { href: `#delivery/${delivery}` }, t("evidence.delivery", { delivery })),
    alarm && el("a", { href: `#alarm/${alarm}` }, t("evidence.alarm")),
    by && t("evidence.by", { by: whoIs(by) }),
    has(reads) && (reads > 0 ? t("evidence.reads", { n: reads }) : t("evidence.none")),
    has(rssi) && loudness(rssi),
    has(rate) && rate > 0 && t("evidence.rate", { p: Math.round(rate * 100) }),
    has(last) && (at - last > STILL_MS ? t("evidence.last", { time: span(at - last) }) : t("evidence.then")),
  ].filter(Boolean);
}
