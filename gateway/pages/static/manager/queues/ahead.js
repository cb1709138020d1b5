// How many lanes are open, needed now and needed soon, why, and what to do about it.

import { el, icon } from "/shared/dom.js";
import { has, t } from "/shared/i18n.js";
import { age } from "/static/manager/data.js";
import { goClose, goOpen } from "/static/manager/lane_words.js";

/** What nodes advise now; `said` is the answer of `/api/queues/now`. */
export function drawAhead(said) {
  if (said.length === 0) return el("p", { class: "card soft" }, t("ahead.none"));
  return said.map((one) =>
    el(
      "section",
      { class: "card ahead" },
      el(
        "div",
        { class: "ahead-steps" },
        step(t("ahead.open"), one.lanes_open, one.lanes_open, ""),
        one.outlooks.map(({ minutes, needed, reason, amount }) =>
          step(
            minutes === 0 ? t("ahead.0") : t("ahead.n", { n: minutes }),
            needed,
            one.lanes_open,
            has(`why.${reason}`) ? t(`why.${reason}`, { n: Math.round(amount ?? 0) }) : "",
          ),
        ),
      ),
      el("p", { class: "ahead-do" }, ...todo(one)),
      el("p", { class: "soft small" }, age(one.t_ms, "ahead.said"), said.length > 1 && ` · ${one.node}`),
    ),
  );
}

const lanes = (ids) => ids.map((id) => t("ahead.lane", { id })).join(", ");

function todo({ open, close }) {
  if (open.length)
    return [
      icon("plus", 26),
      el("b", {}, t("ahead.doOpen", { lanes: lanes(open) })),
      open.map((lane) =>
        el("button", { type: "button", onclick: () => goOpen(lane) }, t("ahead.onTheWay", { id: lane })),
      ),
    ];
  if (close.length)
    return [
      icon("minus", 26),
      el("b", {}, t("ahead.doClose", { lanes: lanes(close) })),
      close.map((lane) => el("button", { type: "button", onclick: () => goClose(lane) }, t("ahead.lastOnes", { id: lane }))),
    ];
  return [icon("check", 26), t("ahead.fits")];
}

/** A number of lanes as blocks: full ones are open, hollow ones are missing, striped ones are too many. */
function step(title, needed, open, why) {
  const blocks = Array.from({ length: Math.min(Math.max(needed, open), 20) }, (_one, index) =>
    el("i", { class: index >= needed ? "spare" : index >= open ? "missing" : "" }),
  );
  const kind = needed > open ? "more" : needed < open ? "fewer" : "";
  return el(
    "div",
    { class: `ahead-step ${kind}` },
    el("p", { class: "soft" }, title),
    el("b", { class: "ahead-figure number" }, needed),
    el("div", { class: "blocks", "aria-hidden": "true" }, blocks),
    why && el("p", { class: "soft small" }, why),
  );
}
