// The shrink ledger: what is gone and nobody paid, why we think so, and where it was seen last.

import { el, icon, show } from "/shared/dom.js";
import { clock, money, names, t } from "/shared/i18n.js";
import { bars, sums } from "/static/manager/bars.js";
import { percent } from "/static/manager/shelves/picture.js";

const DAY_MS = 86_400_000;
const PRODUCTS_SHOWN = 8;
const LINES_SHOWN = 200;

/** Periods by name: when they begin. A day begins at this browser's midnight. */
export const PERIODS = {
  today: () => new Date().setHours(0, 0, 0, 0),
  week: () => new Date().setHours(0, 0, 0, 0) - 6 * DAY_MS,
  month: () => new Date().setHours(0, 0, 0, 0) - 29 * DAY_MS,
};

/** The question for a period. */
export const queryOf = (period) => `?from_ms=${PERIODS[period]()}`;

const isGone = (line) => line.found_ms === null;

function figure(value, label, kind = "") {
  return el("div", { class: `figure ${kind}` }, el("b", { class: "number" }, value), el("span", {}, label));
}

function lineRow(line, currency) {
  const { first } = names(line);
  return el(
    "li",
    { class: isGone(line) ? "" : "found-again" },
    el("span", { class: "soft number when" }, clock(line.missing_ms)),
    el(
      "span",
      { class: "grow" },
      el("b", {}, line.quantity > 1 ? `${line.quantity} × ${first}` : first),
      el(
        "span",
        { class: "soft small block" },
        t("loss.seen", { place: line.place || "?", time: line.last_seen_ms ? clock(line.last_seen_ms) : "?" }),
        (line.by_name ?? line.by) && ` · ${t("loss.by", { name: line.by_name ?? line.by })}`,
        line.epc && el("span", { class: "mono tag" }, ` · ${line.epc}`),
      ),
    ),
    el("span", { class: "chip plain" }, t(`reason.${line.reason}`)),
    isGone(line)
      ? el("span", { class: "soft small number" }, percent(line.p))
      : el("span", { class: "chip good" }, t("loss.found", { time: clock(line.found_ms) })),
    el("b", { class: "number value" }, money(line.value_minor, currency)),
  );
}

function charts(lines, currency) {
  const gone = lines.filter(isGone);
  const titles = new Map(gone.map((line) => [line.gtin ?? "", names(line).first]));
  const asBars = (pairs, label) =>
    bars(pairs.map(([key, value]) => ({ label: label(key), value, text: money(value, currency) })));
  const byProduct = sums(
    gone,
    (line) => line.gtin ?? "",
    (line) => line.value_minor,
  );
  return el(
    "div",
    { class: "two" },
    el(
      "section",
      { class: "card" },
      el("h2", {}, t("loss.by-reason")),
      asBars(
        sums(
          gone,
          (line) => line.reason,
          (line) => line.value_minor,
        ),
        (reason) => t(`reason.${reason}`),
      ),
    ),
    el(
      "section",
      { class: "card" },
      el("h2", {}, t("loss.by-product")),
      asBars(byProduct.slice(0, PRODUCTS_SHOWN), (gtin) => titles.get(gtin) ?? "–"),
      byProduct.length > PRODUCTS_SHOWN &&
        el("p", { class: "soft small" }, t("file.more", { n: byProduct.length - PRODUCTS_SHOWN })),
    ),
  );
}

/** The period's choices, and the file of it. */
export function periodTools(period, choose) {
  return el(
    "div",
    { class: "tools" },
    el(
      "div",
      { class: "choices", role: "group", "aria-label": t("loss.period") },
      Object.keys(PERIODS).map((name) =>
        el(
          "button",
          { type: "button", class: "choice", "aria-pressed": String(name === period), onclick: () => choose(name) },
          t(`period.${name}`),
        ),
      ),
    ),
    el("span", { class: "grow" }),
    el(
      "a",
      { class: "button", href: `/api/shrink.csv${queryOf(period)}`, download: "shrink.csv" },
      icon("download", 20),
      "CSV",
    ),
  );
}

/** Draw the ledger of a period. */
export function drawShrink(root, { items, value_minor: value, found, lines, currency }) {
  if (!lines.length) {
    show(root, el("div", { class: "card empty" }, icon("check", 72), el("p", {}, t("loss.none"))));
    return;
  }
  show(
    root,
    el(
      "div",
      { class: "figures card" },
      figure(money(value, currency), t("loss.value"), value ? "bad" : ""),
      figure(items, t("loss.items", { n: items })),
      figure(found, t("loss.found.n", { n: found })),
    ),
    lines.some(isGone) && charts(lines, currency),
    el(
      "section",
      { class: "card" },
      el("h2", {}, t("loss.lines")),
      el(
        "ul",
        { class: "rows tight ledger" },
        lines.slice(0, LINES_SHOWN).map((line) => lineRow(line, currency)),
      ),
      lines.length > LINES_SHOWN && el("p", { class: "soft" }, t("loss.more", { n: lines.length - LINES_SHOWN })),
    ),
  );
}
