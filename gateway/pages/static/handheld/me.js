// Who is signed in, what this device keeps, and what it has not sent yet.

import { el, icon, show } from "/shared/dom.js";
import { clock, names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { acts, forget } from "/static/handheld/acts.js";
import { isOn, setBell } from "/static/handheld/alarms/bell.js";
import { counts } from "/static/handheld/counts.js";
import "/static/handheld/item/words.js";
import { nameOf } from "/static/handheld/places.js";
import { countRows } from "/static/handheld/product.js";
import { lastScanner } from "/static/handheld/scanner.js";
import * as snapshot from "/static/handheld/snapshot.js";
import { why } from "/static/refusals.js";

/** Draw the view into `root`; `out()` signs out. */
export async function view(root, session, out) {
  const [mine, kept] = await Promise.all([counts(), acts()]);
  const scanner = el("input", {
    value: lastScanner(),
    required: true,
    pattern: "[a-z0-9][a-z0-9\\-]{0,31}",
    autocapitalize: "off",
    spellcheck: false,
  });
  const copy = snapshot.asOf()
    ? t("me.products", { n: snapshot.size(), time: clock(snapshot.asOf()) })
    : t("me.kept.none");
  const row = (name, value) => el("li", {}, el("span", { class: "soft grow" }, name), el("b", {}, value));
  show(
    root,
    el(
      "div",
      { class: "members" },
      el("h1", {}, session.clerk.name),
      el(
        "section",
        { class: "card" },
        el(
          "ul",
          { class: "rows" },
          row(t("me.store"), session.store.name || session.store.id),
          row(t("me.device"), session.device.name),
          row(t("me.kept"), copy),
        ),
      ),
      kept.length > 0 && el("section", { class: "card" }, el("h2", {}, t("me.acts")), actRows(kept)),
      mine.length ? el("section", { class: "card" }, el("h2", {}, t("counts.mine")), countRows(mine)) : null,
      el(
        "form",
        {
          class: "card pair-form",
          onsubmit: (event) => {
            event.preventDefault();
            location.hash = `#scanner/${scanner.value.trim()}`;
          },
        },
        el("label", {}, t("scanner.which"), scanner),
        el("button", { type: "submit", class: "wide" }, icon("basket"), t("scanner.show")),
      ),
      bell(),
      el("a", { class: "button wide", href: "#alarms" }, icon("bell"), t("alarm.title")),
      session.clerk.role === "manager" &&
        el("a", { class: "button wide", href: "/manager" }, icon("alert"), t("me.manager")),
      el("button", { type: "button", class: "wide", onclick: out }, icon("out"), t("me.out")),
    ),
  );
}

/** What an act is about: the goods of a task, or what a scanner read. */
const aboutOf = (shown) => shown.code ?? `${names(shown).first} · ${nameOf(shown.shelf)}`;

function whatOf({ what, delivery, isUndo }) {
  if (delivery) return [isUndo && t("undo"), t("evidence.delivery", { delivery })].filter(Boolean).join(" · ");
  return t(what === "done" ? "work.finish" : "work.release");
}

/** What was done without network: a task finished, a code scanned; each waits, or was refused and says why. */
const actRows = (kept) =>
  el(
    "ul",
    { class: "rows" },
    kept.map((one) =>
      el(
        "li",
        {},
        el(
          "span",
          { class: "grow" },
          el(
            "b",
            { class: "block" },
            one.shown.code ?? t(one.shown.what === "done" ? "work.finish" : "work.release"),
          ),
          el("span", { class: "soft small" }, `${one.subject} · ${clock(one.t_ms)}`),
        ),
        one.state === "refused"
          ? el("span", { class: "problem small" }, t("refused", { reason: why(one) }))
          : el("span", { class: "chip warn" }, t("waiting")),
        el("button", { type: "button", data: { key: one.act }, onclick: () => forget(one.act) }, t("forget")),
      ),
    ),
  );

/** A switch for sound and vibration; turning it on plays them, since browsers allow it only after a tap. */
function bell() {
  const flip = (event) => {
    setBell(event.currentTarget.checked);
    toast(t(event.currentTarget.checked ? "alarm.sound.on" : "alarm.sound.off"), { key: "bell" });
  };
  const box = el("input", {
    type: "checkbox",
    role: "switch",
    checked: isOn(),
    onchange: flip,
    data: { key: "bell" },
  });
  return el("label", { class: "card switch" }, icon("bell"), el("span", { class: "grow" }, t("alarm.sound")), box);
}
