// Who is signed in, what this device keeps, and what it has not sent yet.

import { el, icon, show } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
import { counts } from "/static/handheld/counts.js";
import { countRows } from "/static/handheld/product.js";
import { lastScanner } from "/static/handheld/scanner.js";
import * as snapshot from "/static/handheld/snapshot.js";

/** Draw the view into `root`; `out()` signs out. */
export async function view(root, session, out) {
  const mine = await counts();
  const scanner = el("input", {
    value: lastScanner(),
    required: true,
    pattern: "[a-z0-9][a-z0-9\\-]{0,31}",
    autocapitalize: "off",
    spellcheck: false,
  });
  const kept = snapshot.asOf()
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
          row(t("me.kept"), kept),
        ),
      ),
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
      session.clerk.role === "manager" &&
        el("a", { class: "button wide", href: "/manager" }, icon("alert"), t("me.manager")),
      el("button", { type: "button", class: "wide", onclick: out }, icon("out"), t("me.out")),
    ),
  );
}
