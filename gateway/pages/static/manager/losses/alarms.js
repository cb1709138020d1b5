// Alarms: what somebody should look at now, closed with what it was; and what became of the earlier ones.

import { call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { age } from "/static/manager/data.js";
import { percent } from "/static/manager/shelves/picture.js";
import { why } from "/static/refusals.js";

const OUTCOMES = ["theft", "paid", "staff", "false"];
const HISTORY_SHOWN = 50;

/** What happened, in a sentence: "12 × Razor blades left shelf B3 within seconds". */
export function alarmText(alarm) {
  const { quantity } = alarm;
  const name = names(alarm).first;
  // Pieces of several products have no name in common.
  const what = !alarm.gtin ? t("pieces", { n: quantity }) : quantity > 1 ? `${quantity} × ${name}` : name;
  return alarm.type === "sweep"
    ? t("alarm.sweep", { what, shelf: alarm.shelf ?? "?" })
    : t("alarm.exit", { what, door: alarm.door ?? "?" });
}

/** The line over every view while an alarm is open. */
export function alarmLine(node, { open, newest }) {
  if (!open) {
    show(node);
    return;
  }
  show(
    node,
    icon("alert", 28),
    el("span", { class: "grow" }, newest ? alarmText(newest) : t("alarm.open.n", { n: open })),
    newest && el("span", { class: "number" }, clock(newest.t_ms)),
    open > 1 && newest && el("span", {}, t("alarm.others", { n: open - 1 })),
  );
}

async function reopen(alarm, again) {
  try {
    await call("POST", `/api/alarms/${encodeURIComponent(alarm.alarm)}/reopen`);
  } catch (error) {
    toast(t("problem", { why: why(error) }), { kind: "bad", seconds: 8 });
  }
  await again();
}

async function close(alarm, outcome, again) {
  try {
    await call("POST", `/api/alarms/${encodeURIComponent(alarm.alarm)}/close`, { outcome });
    toast(t("alarm.closed", { outcome: t(`outcome.${outcome}`) }), {
      action: { label: t("undo"), run: () => reopen(alarm, again) },
      seconds: 10,
    });
  } catch (error) {
    toast(t("problem", { why: why(error) }), { kind: "bad", seconds: 8 });
  }
  await again();
}

function openCard(alarm, again) {
  return el(
    "li",
    { class: "card alarm-card" },
    el(
      "div",
      { class: "alarm-head" },
      icon("alert", 34),
      el(
        "div",
        { class: "grow" },
        el("h3", {}, alarmText(alarm)),
        el(
          "p",
          { class: "soft" },
          clock(alarm.t_ms),
          " · ",
          age(alarm.t_ms),
          ` · ${t("alarm.likely", { p: percent(alarm.p) })}`,
        ),
      ),
    ),
    el("p", { class: "small soft" }, t(alarm.type === "sweep" ? "alarm.sweep.do" : "alarm.exit.do")),
    el(
      "div",
      { class: "outcomes", role: "group", "aria-label": t("alarm.what") },
      OUTCOMES.map((outcome) =>
        el(
          "button",
          {
            type: "button",
            class: outcome === "theft" ? "danger" : "",
            onclick: ({ currentTarget }) => {
              currentTarget.disabled = true;
              close(alarm, outcome, again);
            },
          },
          t(`outcome.${outcome}`),
        ),
      ),
    ),
  );
}

function pastRow(alarm) {
  return el(
    "li",
    {},
    el("span", { class: "soft number when" }, clock(alarm.t_ms)),
    el("span", { class: "grow" }, alarmText(alarm)),
    el("span", { class: `chip ${alarm.outcome === "theft" ? "bad" : "plain"}` }, t(`outcome.${alarm.outcome}`)),
    el("span", { class: "soft small by" }, alarm.by_name ?? alarm.by ?? ""),
  );
}

function doorRow({ door, paid, unpaid, unknown }) {
  return el(
    "li",
    {},
    icon("door", 22),
    el("b", { class: "grow" }, t("door", { name: door })),
    el("span", { class: "number" }, t("door.passed", { paid, unpaid })),
    unknown > 0 && el("span", { class: "soft small number" }, t("door.unknown", { n: unknown })),
  );
}

/** The open alarms first, then the history, and what passed the doors. */
export function drawAlarms(root, { alarms, doors = [] }, again) {
  const open = alarms.filter(({ state }) => state === "open").sort((a, b) => b.t_ms - a.t_ms);
  const past = alarms.filter(({ state }) => state === "closed").sort((a, b) => b.t_ms - a.t_ms);
  const isUnfolded = root.querySelector("details")?.open ?? false;
  show(
    root,
    open.length
      ? el(
          "ul",
          { class: "alarms" },
          open.map((alarm) => openCard(alarm, again)),
        )
      : el("div", { class: "verdict well" }, icon("check", 36), el("p", {}, t("alarm.none"))),
    past.length > 0 &&
      el(
        "details",
        { class: "card", open: isUnfolded },
        el("summary", {}, el("b", {}, t("alarm.past")), el("span", { class: "soft" }, past.length)),
        el("ul", { class: "rows tight" }, past.slice(0, HISTORY_SHOWN).map(pastRow)),
      ),
    doors.length > 0 && el("ul", { class: "card rows tight doors" }, doors.map(doorRow)),
  );
}
