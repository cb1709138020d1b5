// One task as a card: what, where to, how many, what stands there now; and what a thumb can do about it.

import { el, icon } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";
import { rowOf } from "/static/handheld/planogram.js";
import { nameWithin, sign } from "/static/handheld/places.js";
import { span } from "/static/handheld/span.js";
import { board, fromTo } from "/static/handheld/strip.js";
import { buttons, undoKey } from "/static/handheld/work/buttons.js";

/** Which colour and which picture a reason has; its word stands beside them. */
const REASONS = {
  empty: ["bad", "alert"],
  low: ["warn", "down"],
  misplaced: ["warn", "swap"],
  never_counted: ["plain", "count"],
  old_count: ["plain", "count"],
  unsure: ["plain", "count"],
  count_differs: ["warn", "count"],
};

/** The card of `task`; `now` in ms, `filter` is the list it stands in, `clerk` is who looks. */
export function card(task, now, filter, clerk) {
  const [kind, picture] = REASONS[task.reason] ?? ["plain", "box"];
  const isOthers = task.state === "claimed" && !task.mine;
  return el(
    "li",
    {
      class: `card task ${task.type} ${isOthers ? "others" : ""} ${task.mine ? "mine" : ""}`,
      data: { task: task.task },
    },
    el(
      "p",
      { class: "task-head" },
      el("b", {}, t(`type.${task.type}`)),
      el("span", { class: `chip plain ${kind}` }, icon(picture, 16), t(`reason.${task.reason}`)),
      el("span", { class: "soft small grow end" }, when(task, now, filter)),
    ),
    what(task),
    BODIES[task.type]?.(task),
    task.act && waiting(task),
    filter === "done" ? undoKey(task, now, clerk) : buttons(task, now),
  );
}

const when = (task, now, filter) =>
  filter === "done"
    ? t("work.done-at", { name: task.claimed_name ?? "", time: clock(task.done_ms ?? task.since_ms) })
    : t("work.since", { time: span(now - task.since_ms) });

function what(task) {
  if (!task.gtin) return el("h2", { class: "task-what" }, t("work.whole-place", { place: nameWithin(task.shelf) }));
  const { first, second } = names(task);
  return el(
    "a",
    { class: "task-what", href: `#product/${task.gtin}`, data: { key: `what-${task.task}` } },
    el("h2", {}, first),
    second && el("span", { class: "second soft" }, second),
  );
}

const BODIES = {
  replenish(task) {
    const row = rowOf(task.shelf, task.gtin);
    return el(
      "div",
      { class: "refill" },
      el(
        "p",
        { class: "route", "aria-label": t("work.to", { from: nameWithin("backroom"), to: nameWithin(task.shelf) }) },
        sign(task.shelf, "go"),
        icon("back"),
        sign("backroom"),
      ),
      el("p", { class: "wanted" }, el("b", {}, task.quantity), el("span", { class: "soft" }, t("work.bring.word"))),
      row
        ? el("div", { class: "shelf-now" }, board({ ...row, standing: task.on_shelf }))
        : meter(task.on_shelf, task.on_shelf + task.quantity),
      el(
        "p",
        { class: "soft small stands" },
        t("work.stands", { n: task.on_shelf }),
        " · ",
        task.in_backroom > 0
          ? t("work.back", { n: task.in_backroom })
          : el("span", { class: "none-left" }, t("work.back.none")),
      ),
    );
  },
  tidy(task) {
    const n = Math.max(1, task.epcs.length);
    return el(
      "div",
      { class: "tidy-body" },
      fromTo(task.from_place, task.to_place ?? task.shelf),
      el("p", { class: "soft small" }, t("work.pieces", { n })),
      task.epcs.length > 0 &&
        el(
          "details",
          { data: { key: `pieces-${task.task}` } },
          el("summary", {}, t("work.which")),
          el(
            "ul",
            { class: "rows" },
            task.epcs.map((epc) =>
              el("li", {}, el("a", { class: "button quiet wide mono", href: `#item/${epc}` }, icon("tag"), epc)),
            ),
          ),
        ),
    );
  },
  count: (task) => el("p", { class: "route" }, sign(task.shelf, "go")),
};

/** A plain bar for a shelf of which nobody said how much room it has. */
export const meter = (value, most, kind = "") =>
  el("progress", { class: `meter ${kind}`, value, max: Math.max(1, most), "aria-label": `${value} / ${most}` });

const waiting = ({ act }) =>
  el(
    "p",
    { class: "waits" },
    el("span", { class: `chip ${act.state === "refused" ? "bad" : "warn"}` }, t("work.waits")),
    el("span", { class: "soft small" }, t(act.shown.what === "done" ? "work.finish" : "work.release")),
  );
