// Which day is shown and what it is compared with: yesterday, today, any; as the store counts its days.

import { el, icon } from "/shared/dom.js";
import { locale, t } from "/shared/i18n.js";
import { age, serverNow } from "/static/manager/data.js";
import { address } from "/static/manager/views.js";

const WITH = ["usual", "before", "week", "year"];

const moved = (day, by) => {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
};

const words = (day, options = { weekday: "short", day: "numeric", month: "short" }) =>
  new Intl.DateTimeFormat(locale(), { ...options, timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));

/** The day of one view: `#queues/2026-11-21` is a day that is over, `#queues` is today. */
export class DayTools {
  constructor(view) {
    Object.assign(this, { view, day: "", today: "", compared: "usual" });
  }

  /** The address asks for `day`; gives whether that is another one. */
  turn(day = "") {
    const wanted = day === this.today ? "" : day;
    const isOther = wanted !== this.day;
    this.day = wanted;
    return isOther;
  }

  /** An answer says which day is today at the store. */
  learn(found) {
    if (!found) return;
    this.today = found.today;
    if (this.day === this.today) this.day = "";
  }

  /** What a question for the day ends with. */
  get query() {
    return this.day ? `&day=${encodeURIComponent(this.day)}` : "";
  }

  /** What these keys are drawn from. */
  get key() {
    return [this.day, this.today, this.compared];
  }

  choose(day) {
    location.hash = address(...[this.view, day === this.today ? "" : day].filter(Boolean));
  }

  /** Keys for the day before and after, a calendar, and what to compare with; nothing before a day is known. */
  draw(again) {
    const day = this.day || this.today;
    if (!day || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
    const step = (by, name, drawing) =>
      el(
        "button",
        {
          type: "button",
          class: "quiet",
          data: { key: name },
          "aria-label": t(name),
          disabled: by > 0 && this.today !== "" && day >= this.today,
          onclick: () => this.choose(moved(day, by)),
        },
        icon(drawing),
      );
    const compare = (event) => {
      this.compared = event.target.value;
      again();
    };
    return el(
      "div",
      { class: "day-tools" },
      step(-1, "day.before", "back"),
      el("b", { class: "day-name" }, day === this.today ? `${t("day.today")} · ${words(day)}` : words(day)),
      step(1, "day.after", "arrow"),
      el("input", {
        type: "date",
        value: day,
        max: this.today || day,
        data: { key: "day.choose" },
        "aria-label": t("day.choose"),
        onchange: (event) => event.target.value && this.choose(event.target.value),
      }),
      el(
        "label",
        { class: "compare" },
        el("span", { class: "soft" }, t("day.with")),
        el(
          "select",
          { data: { key: "day.with" }, onchange: compare },
          [...WITH, ""].map((name) =>
            el("option", { value: name, selected: name === this.compared }, t(`day.with.${name || "none"}`)),
          ),
        ),
      ),
      el("button", { type: "button", class: "quiet print-key", onclick: () => print() }, t("day.print")),
    );
  }
}

/** Draw something anew in `root`; what has the focus there, by its key, has it again. */
export function keepingFocus(root, draw) {
  const { activeElement: focused } = document;
  const key = root.contains(focused) ? focused.dataset?.key : null;
  const opened = new Set([...root.querySelectorAll("details[open]")].map((node) => node.dataset.key));
  draw();
  for (const node of root.querySelectorAll("details[data-key]")) node.open = opened.has(node.dataset.key);
  if (key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

// Paper cannot be unfolded.
const folded = () => document.querySelectorAll(".view:not([hidden]) details.numbers:not([open])");
addEventListener("beforeprint", () => {
  for (const node of folded()) Object.assign(node, { open: true }).dataset.printed = "";
});
addEventListener("afterprint", () => {
  for (const node of document.querySelectorAll("details[data-printed]")) {
    node.open = false;
    delete node.dataset.printed;
  }
});

const LATE_MS = 5 * 60_000;

/** Whether the newest minute of today is so old that its pictures say nothing about now. */
export const isLate = (ms) => ms !== null && serverNow() - ms > LATE_MS;

/** How old the newest minute of today is. */
export const freshness = (ms) =>
  ms === null ? null : el("p", { class: isLate(ms) ? "warn small" : "soft small" }, age(ms, "day.newest"));

/** What stands over a printed day: its pages have no keys that say which day it is. */
export const printHead = ({ day, time_zone: zone }, title) =>
  el(
    "h1",
    { class: "print-only" },
    `${title} · ${words(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" })} · ${zone}`,
  );

/** A link that saves a table. */
export const csvLink = (path, text = t("day.csv")) =>
  el("a", { class: "button", href: path, download: "" }, icon("download", 20), text);
