// The work of the floor: what is free, what is mine, what is done; the most urgent on top.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
import "/static/handheld/work/words.js";
import { askWhere } from "/static/handheld/counting/where.js";
import * as planogram from "/static/handheld/planogram.js";
import { card } from "/static/handheld/work/card.js";
import { load, totals } from "/static/handheld/work/tasks.js";

const FILTERS = ["open", "mine", "done"];

/** Draw the tasks of `asked` ("open", "mine" or "done") into `root`, for the clerk with this id. */
export async function view(root, asked, clerk) {
  const filter = FILTERS.includes(asked) ? asked : "open";
  let found = null;
  try {
    found = await load(filter);
    await planogram.ready(found.tasks);
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Unreachable)) throw error;
  }
  show(
    root,
    el(
      "div",
      { class: "work" },
      el("h1", { class: "out-of-sight" }, `${t("tab.work")}: ${t(`work.${filter}`)}`),
      found?.isKept && el("p", { class: "soft small note" }, t("work.kept", { time: clock(found.as_of_ms) })),
      found ? list(found, filter, clerk) : empty("link", t("offline"), t("work.offline")),
      filter === "open" &&
        el(
          "button",
          { type: "button", class: "quiet count-place", data: { key: "count-place" }, onclick: askWhere },
          icon("count"),
          t("work.count-place"),
        ),
      filters(filter),
    ),
  );
}

function list({ tasks, as_of_ms: now }, filter, clerk) {
  if (!tasks.length)
    return empty(filter === "mine" ? "person" : "check", t(`work.none.${filter}`), t(`work.none.${filter}.hint`));
  return el(
    "ul",
    { class: "list tasks" },
    tasks.map((task) => card(task, Math.max(now, Date.now()), filter, clerk)),
  );
}

const empty = (picture, title, hint) =>
  el("div", { class: "empty" }, icon(picture, 72), el("h2", {}, title), el("p", {}, hint));

/** The three lists, within a thumb's reach. */
function filters(active) {
  const { open, mine } = totals();
  const count = { open, mine, done: 0 };
  return el(
    "nav",
    { class: "filters", "aria-label": t("work.filter") },
    FILTERS.map((one) =>
      el(
        "a",
        {
          href: `#work/${one}`,
          class: `filter ${one === active ? "active" : ""}`,
          "aria-current": one === active ? "page" : null,
          data: { key: `filter-${one}` },
        },
        t(`work.${one}`),
        count[one] > 0 && el("span", { class: "badge quiet-badge" }, count[one]),
      ),
    ),
  );
}
