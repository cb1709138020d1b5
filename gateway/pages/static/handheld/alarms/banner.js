// The alarm on every page: just above the keys, where a thumb is and where nothing that is read moves away.

import { el, icon, show } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";
import "/static/handheld/alarms/words.js";
import { state } from "/static/handheld/alarms/alarms.js";
import { nameOf } from "/static/handheld/places.js";

/** Where an alarm is, in words. */
export const whereOf = ({ shelf, door }) => (shelf ? nameOf(shelf) : door ? t("alarm.at-door", { door }) : "");

/** What an alarm is about: "6× Razor blades", or how many pieces of several products. */
export const whatOf = (alarm) =>
  alarm.gtin ? `${alarm.quantity}× ${names(alarm).first}` : t("alarm.several", { n: alarm.quantity });

/** Draw the newest open alarm into `node`, or hide it. */
export function drawBanner(node) {
  const { open, newest } = state();
  // On its own page it need not be said twice.
  const isShown = newest && location.hash === `#alarm/${newest.alarm}`;
  node.hidden = !open || !newest || isShown || location.hash === "#alarms";
  if (node.hidden) return;
  node.href = open > 1 ? "#alarms" : `#alarm/${newest.alarm}`;
  show(
    node,
    icon("alert", 28),
    el(
      "span",
      { class: "grow" },
      el(
        "b",
        { class: "block" },
        [t(`alarm.${newest.type}`), clock(newest.t_ms)].join(" · "),
        open > 1 && ` · ${t("alarm.more", { n: open - 1 })}`,
      ),
      el("span", { class: "small block alarm-line" }, [whereOf(newest), whatOf(newest)].filter(Boolean).join(" · ")),
    ),
    el("span", { class: "alarm-look" }, t("alarm.look")),
  );
}
