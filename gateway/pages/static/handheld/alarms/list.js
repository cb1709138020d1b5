// All alarms: the open ones on top, what became of the others below.

import { el, icon, show } from "/shared/dom.js";
import { ago, clock, t } from "/shared/i18n.js";
import { load } from "/static/handheld/alarms/alarms.js";
import { whatOf, whereOf } from "/static/handheld/alarms/banner.js";

/** Draw the list into `root`. */
export async function view(root) {
  const { alarms } = await load();
  const open = alarms.filter(({ state }) => state === "open");
  const closed = alarms.filter(({ state }) => state !== "open");
  show(
    root,
    el(
      "div",
      { class: "alarms" },
      el("h1", {}, t("alarm.title")),
      open.length
        ? el("ul", { class: "stack" }, open.map(row))
        : el(
            "div",
            { class: "empty" },
            icon("check", 72),
            el("h2", {}, t("alarm.none")),
            el("p", {}, t("alarm.none.hint")),
          ),
      closed.length > 0 && [
        el("h2", { class: "later" }, t("alarm.earlier")),
        el("ul", { class: "stack" }, closed.map(row)),
      ],
    ),
  );
}

function row(alarm) {
  const isOpen = alarm.state === "open";
  const age = ago(Math.max(0, (Date.now() - alarm.t_ms) / 1000));
  return el(
    "li",
    {},
    el(
      "a",
      {
        class: `card alarm-row ${isOpen ? "open" : "closed"}`,
        href: `#alarm/${alarm.alarm}`,
        data: { key: alarm.alarm },
      },
      icon(isOpen ? "alert" : "check", 28),
      el(
        "span",
        { class: "grow" },
        el("b", { class: "block" }, t(`alarm.${alarm.type}`), whereOf(alarm) && ` · ${whereOf(alarm)}`),
        el("span", { class: "block" }, whatOf(alarm)),
        el("span", { class: "soft small block" }, isOpen ? `${clock(alarm.t_ms)} · ${age}` : outcomeOf(alarm)),
      ),
      icon("arrow"),
    ),
  );
}

/** "It was paid · Clerk B, 11:05" */
export const outcomeOf = (alarm) =>
  [
    t(`outcome.${alarm.outcome}`),
    t("alarm.closed-by", { name: alarm.by_name ?? alarm.by ?? "", time: clock(alarm.closed_ms ?? alarm.t_ms) }),
  ].join(" · ");
