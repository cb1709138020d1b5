// Tasks of the floor: how many of each kind wait, who has what, and what was done today.

import { el, icon, show } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";
import { age } from "/static/manager/data.js";
import { bars, sums } from "/static/manager/bars.js";

const KINDS = { replenish: "box", tidy: "swap", count: "count" };
const SHOWN = 60;

/** What there is to do, in a sentence. */
export function taskText(task) {
  const name = task.gtin ? names(task).first : t("task.everything");
  const words = { name, n: task.quantity, from: task.from_place ?? "", to: task.to_place ?? task.shelf };
  return t(`task.${task.type}.what`, words);
}

function kindCard(kind, drawing, tasks) {
  const mine = tasks.filter(({ type }) => type === kind);
  const claimed = mine.filter(({ state }) => state === "claimed").length;
  return el(
    "li",
    { class: "card kind" },
    icon(drawing, 32),
    el("b", { class: "number big-number" }, mine.length),
    el("span", {}, t(`task.${kind}`)),
    el("span", { class: "soft small" }, mine.length ? t("task.claimed.n", { n: claimed }) : t("task.none-of-it")),
  );
}

function taskRow(task) {
  return el(
    "li",
    { class: task.state },
    icon(KINDS[task.type] ?? "list", 24),
    el("span", { class: "sign" }, task.shelf),
    el(
      "span",
      { class: "grow" },
      el("b", {}, taskText(task)),
      el(
        "span",
        { class: "soft small block" },
        t(`task.reason.${task.reason}`),
        task.type === "replenish" &&
          ` · ${task.in_backroom ? t("task.back", { n: task.in_backroom }) : t("task.back.none")}`,
        " · ",
        age(task.since_ms),
      ),
    ),
    task.claimed_name
      ? el("span", { class: "chip good" }, task.claimed_name)
      : el("span", { class: "chip plain" }, t("task.free")),
  );
}

function doneToday(done) {
  const today = new Date().setHours(0, 0, 0, 0);
  const ours = done.filter(({ state, done_ms: ms }) => state === "done" && ms >= today);
  if (!ours.length) return el("p", { class: "soft" }, t("task.done.none"));
  const byWhom = sums(
    ours,
    (task) => task.claimed_name ?? t("task.shelf-saw"),
    () => 1,
  );
  return [
    el("p", {}, el("b", { class: "number" }, ours.length), ` ${t("task.done.n", { n: ours.length })}`),
    bars(byWhom.map(([label, value]) => ({ label, value, text: String(value) }))),
    el(
      "ul",
      { class: "rows tight" },
      ours
        .sort((a, b) => b.done_ms - a.done_ms)
        .slice(0, 12)
        .map((task) =>
          el(
            "li",
            {},
            el("span", { class: "soft number when" }, clock(task.done_ms)),
            el("span", { class: "sign small-sign" }, task.shelf),
            el("span", { class: "grow" }, taskText(task)),
          ),
        ),
    ),
  ];
}

/** Draw the tasks. */
export function drawTasks(root, { tasks }, done) {
  const byUrgency = [...tasks].sort((a, b) => b.priority - a.priority || a.since_ms - b.since_ms);
  show(
    root,
    el(
      "ul",
      { class: "kinds" },
      Object.entries(KINDS).map(([kind, drawing]) => kindCard(kind, drawing, tasks)),
    ),
    el(
      "div",
      { class: "two wide-left" },
      el(
        "section",
        { class: "card" },
        el("h2", {}, t("task.open")),
        tasks.length
          ? el("ul", { class: "rows tasks" }, byUrgency.slice(0, SHOWN).map(taskRow))
          : el("p", { class: "soft" }, t("task.none")),
        tasks.length > SHOWN && el("p", { class: "soft" }, t("file.more", { n: tasks.length - SHOWN })),
      ),
      el("section", { class: "card" }, el("h2", {}, t("task.done")), done && doneToday(done.tasks)),
    ),
  );
}
