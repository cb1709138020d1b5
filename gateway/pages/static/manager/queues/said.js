// What a day of queues means, in sentences: only what is really known is said.

import { hourIn } from "/shared/chart.js";
import { locale, t } from "/shared/i18n.js";

const GAPS_SAID = 4;
const SAME = 0.05; // a twentieth more or less is the same

export const tenth = (value) => Math.round(value * 10) / 10;

/** Seconds as people say them. */
export const duration = (seconds) => {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 90 ? t("seconds", { n: Math.round(seconds) }) : t("minutes", { n: (seconds / 60).toFixed(1) });
};

/** The weekday of a day, as in "a usual Sunday". */
const weekday = (day) =>
  new Intl.DateTimeFormat(locale(), { weekday: "long", timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));

/** With what the day is compared: "a usual Sunday (4 days)". */
export const otherName = (day, days, which) => t(`with.${which}`, { weekday: weekday(day), n: days.length });

/** How much more or less: {text, kind}; null where nothing can be said. */
export function change(now, before, words) {
  if (now === null || before === null || before === undefined || before <= 0) return null;
  const share = now / before - 1;
  const key = Math.abs(share) < SAME ? "same" : share > 0 ? "more" : "less";
  return { text: t(`${words}.${key}`, { n: Math.abs(Math.round(100 * share)) }) };
}

function busiest({ busiest: found, time_zone: zone }) {
  if (!found) return null;
  const hour = hourIn(zone);
  const [from, to] = [hour(found.from_ms), hour(found.to_ms)];
  const open = tenth(found.lanes_open);
  const people = found.people === null ? "–" : Math.round(found.people);
  const text =
    found.waited_s === null
      ? t("said.busiest.people", { from, to, people, open })
      : t("said.busiest", { from, to, waited: duration(found.waited_s), people, open });
  const missing = found.needed !== null && found.needed - found.lanes_open >= 0.5;
  return { text: missing ? `${text} ${t("said.needed", { n: tenth(found.needed) })}` : text, kind: missing ? "warn" : "" };
}

function gaps({ gaps: found, time_zone: zone }) {
  const hour = hourIn(zone);
  const said = found.slice(0, GAPS_SAID).map(({ lane, from_ms, to_ms }) => {
    const times = { from: hour(from_ms), to: hour(to_ms) };
    return { kind: "warn", text: lane === null ? t("said.gap", times) : t("said.gap.lane", { ...times, id: lane }) };
  });
  const more = found.length - said.length;
  return more > 0 ? [...said, { kind: "warn", text: t("said.gap.more", { n: more }) }] : said;
}

function compared({ day, totals }, other, which) {
  if (!other) return [];
  if (!other.days.length) return [{ kind: "soft", text: t("said.nothing") }];
  const name = otherName(day, other.days, which);
  const served = change(totals.served, other.served, "said.served");
  const waits =
    totals.waited_s !== null &&
    other.waited_s !== null &&
    t("said.waits", { now: duration(totals.waited_s), before: duration(other.waited_s) });
  return [{ text: [t("said.with", { name }), served?.text, waits].filter(Boolean).join(" ") }];
}

/** The sentences over the pictures. */
export function sentences(found, other, tools) {
  return [busiest(found), ...compared(found, other, tools.compared), ...gaps(found)].filter(Boolean);
}
