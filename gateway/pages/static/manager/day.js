// Which day is shown: yesterday, today, any; as the store counts its days.

import { el, icon } from "/shared/dom.js";
import { locale, t } from "/shared/i18n.js";

const moved = (day, by) => {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
};

const words = (day) =>
  new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${day}T12:00:00Z`),
  );

/** Keys for the day before and after, and a calendar. `today` is the store's; `choose(day)` is told. */
export function dayTools(day, today, choose) {
  const step = (by, name, drawing) =>
    el(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": t(name),
        disabled: by > 0 && day >= today,
        onclick: () => choose(moved(day, by)),
      },
      icon(drawing),
    );
  return el(
    "div",
    { class: "day-tools" },
    step(-1, "day.before", "back"),
    el("b", { class: "day-name" }, day === today ? `${t("day.today")} · ${words(day)}` : words(day)),
    step(1, "day.after", "arrow"),
    el("input", {
      type: "date",
      value: day,
      max: today,
      "aria-label": t("day.choose"),
      onchange: (event) => event.target.value && choose(event.target.value),
    }),
  );
}

/** A link that saves a table. */
export const csvLink = (path, text = t("day.csv")) =>
  el("a", { class: "button", href: path, download: "" }, icon("download", 20), text);
