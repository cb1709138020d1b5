// One alarm: what, where, how many, when; which pieces and where each was seen last; and what it turned out to be.

import { Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { ago, clock, names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { close, load, reopen } from "/static/handheld/alarms/alarms.js";
import { whereOf } from "/static/handheld/alarms/banner.js";
import { outcomeOf } from "/static/handheld/alarms/list.js";
import { known, listed } from "/static/handheld/alarms/pieces.js";
import { network } from "/static/handheld/network.js";
import { press } from "/static/handheld/press.js";
import { likely } from "/static/handheld/sureness.js";
import { why } from "/static/refusals.js";

const OUTCOMES = [
  ["theft", "alert"],
  ["paid", "card"],
  ["staff", "person"],
  ["false", "check"],
];
const UNDO_MS = 600_000;

/** Draw the alarm `id` into `root`. */
export async function view(root, id) {
  const { alarms } = await load();
  const alarm = alarms.find((one) => one.alarm === id);
  if (!alarm) {
    return show(
      root,
      el(
        "div",
        { class: "empty" },
        icon("check", 72),
        el("h1", {}, t("alarm.gone")),
        el("a", { class: "button", href: "#alarms" }, t("alarm.title")),
      ),
    );
  }
  const pieces = await known(alarm);
  const redraw = () => view(root, id);
  return show(
    root,
    el("article", { class: "product alarm" }, head(alarm), verdict(alarm, redraw), listed(alarm, pieces)),
  );
}

function head(alarm) {
  const { first, second } = names(alarm);
  const isOpen = alarm.state === "open";
  return el(
    "header",
    { class: `alarm-head ${isOpen ? "open" : ""}` },
    el(
      "p",
      { class: "task-head" },
      el(
        "span",
        { class: `chip plain ${isOpen ? "bad" : ""}` },
        icon(isOpen ? "alert" : "check", 16),
        t(`alarm.${alarm.type}`),
      ),
      el(
        "span",
        { class: "soft small" },
        `${clock(alarm.t_ms)} · ${ago(Math.max(0, (Date.now() - alarm.t_ms) / 1000))}`,
      ),
    ),
    el("h1", {}, alarm.gtin ? first : t("alarm.several.title")),
    second && el("p", { class: "soft second" }, second),
    el(
      "p",
      { class: "hand" },
      el("b", {}, alarm.quantity),
      el(
        "span",
        {},
        el("b", { class: "where-big" }, whereOf(alarm)),
        el("span", { class: "block" }, likely(alarm.p)),
      ),
    ),
  );
}

/** What it was: four large keys while it is open, else the answer and its undo. */
function verdict(alarm, redraw) {
  if (alarm.state !== "open") {
    return el(
      "section",
      { class: "card" },
      el("p", { class: "outcome" }, icon("check"), el("b", {}, outcomeOf(alarm))),
      Date.now() - (alarm.closed_ms ?? 0) < UNDO_MS &&
        el(
          "button",
          {
            type: "button",
            class: "wide",
            data: { key: "reopen" },
            onclick: (event) => press(event.currentTarget, () => again(alarm), { done: redraw, key: "alarm" }),
          },
          icon("undo"),
          t("alarm.reopen"),
        ),
    );
  }
  const said = {
    done: redraw,
    key: "alarm",
    say: (error) => (error instanceof Unreachable ? t("alarm.offline") : why(error)),
  };
  const say = async (outcome) => {
    await close(alarm.alarm, outcome);
    toast(t("alarm.closed", { outcome: t(`outcome.${outcome}`) }), {
      seconds: 12,
      key: "alarm",
      action: { label: t("undo"), run: () => press(null, () => again(alarm), said) },
    });
  };
  return el(
    "section",
    { class: "verdict", "aria-label": t("alarm.what") },
    el("h2", {}, t("alarm.what")),
    el("p", { class: "soft small" }, t(network.isOnline ? "alarm.what.hint" : "alarm.offline")),
    el(
      "div",
      { class: "outcomes" },
      OUTCOMES.map(([outcome, picture]) =>
        el(
          "button",
          {
            type: "button",
            class: `outcome-key ${outcome}`,
            disabled: !network.isOnline,
            data: { key: `outcome-${outcome}` },
            onclick: (event) => press(event.currentTarget, () => say(outcome), said),
          },
          icon(picture, 28),
          el("span", {}, t(`outcome.${outcome}`)),
          el("span", { class: "soft tiny" }, t(`outcome.${outcome}.hint`)),
        ),
      ),
    ),
  );
}

async function again(alarm) {
  await reopen(alarm.alarm);
  toast(t("alarm.reopened"), { key: "alarm" });
}
