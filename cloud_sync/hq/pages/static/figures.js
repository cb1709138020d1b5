// Figures as people read them.

import { locale, money, t } from "/shared/i18n.js";

/** A count with the language's separators. */
export const count = (n) => new Intl.NumberFormat(locale()).format(n);

/** Money of one or several currencies, which are never added; big sums without cents. */
export function sums(sales) {
  return sales.map((one) => {
    const digits = Math.abs(one.total_minor) >= 1_000_000 ? Math.round(one.total_minor / 100) * 100 : one.total_minor;
    const text = money(digits, one.currency);
    return digits === one.total_minor ? text : text.replace(/[.,]00(?=\D*$)/, "");
  });
}

/** Seconds of a wait in whole minutes. */
export function wait(seconds) {
  if (seconds === null || seconds === undefined) return t("unknown");
  return seconds < 45 ? t("less-min") : t("min", { n: Math.round(seconds / 60) });
}

/** How a wait feels: "good", "warn", "bad", or "" where nobody can say. */
export function feel(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const minutes = Math.round(seconds / 60); // as it is written, so that the same words have the same colour
  return minutes <= 3 ? "good" : minutes <= 7 ? "warn" : "bad";
}

/** The hour and the time of day in a store's own time zone. */
export function localTime(ms, timeZone) {
  const parts = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone };
  const text = new Intl.DateTimeFormat("en-GB", parts).format(ms);
  return { text, hour: Number(text.slice(0, 2)) % 24 };
}
