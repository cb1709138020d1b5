// The plan of the whole store: every shelf, a file out and in, and what stands now as the plan.

import { el, icon, show } from "/shared/dom.js";
import { language, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { standIn } from "/static/manager/data.js";
import { fileKey, progressIn, refusedLines, upload } from "/static/manager/files.js";
import { failed, made, undo } from "/static/manager/plan/changes.js";
import { planFeed, planLoad } from "/static/manager/plan/editor.js";
import { learn } from "/static/manager/plan/learn.js";
import { address } from "/static/manager/views.js";
import { why } from "/static/refusals.js";

const SHELF = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,31}";
let drawn = null;

async function take(file, said, again) {
  try {
    const onProgress = progressIn(said, file.name);
    const answer = await upload("/api/planogram/import", new Blob([file], { type: "text/csv" }), onProgress);
    made(answer.change);
    await again();
    drawResult(said, answer, again);
  } catch (error) {
    show(said, el("p", { class: "card problem", role: "alert" }, t("problem", { why: why(error) })));
  }
}

function drawResult(said, { rows, refused, change }, again) {
  const back = async () => {
    if (await undo()) {
      toast(t("plan.undone"));
      show(said);
    }
    await again();
  };
  show(
    said,
    el(
      "div",
      { class: "card" },
      el(
        "p",
        { class: "import-said" },
        el("b", { class: "grow" }, t("plan.imported", { n: rows })),
        change && el("button", { type: "button", onclick: back }, icon("undo", 20), t("undo")),
      ),
      refused.length > 0 && refusedLines(refused),
    ),
  );
}

function newShelf() {
  const input = el("input", {
    pattern: SHELF,
    maxLength: 32,
    required: true,
    autocomplete: "off",
    spellcheck: false,
  });
  return el(
    "form",
    {
      class: "card new-shelf",
      onsubmit: (event) => {
        event.preventDefault();
        location.hash = address("shelves", input.value.trim(), "plan");
      },
    },
    el("label", { class: "grow" }, t("plan.new-shelf"), input),
    el("button", { type: "submit" }, icon("plus", 20), t("plan.new-shelf.go")),
  );
}

function shelfRow({ shelf, products }) {
  const room = products.reduce((sum, { capacity }) => sum + capacity, 0);
  return el(
    "li",
    {},
    el(
      "a",
      { class: "plan-shelf", href: address("shelves", shelf, "plan") },
      el("span", { class: "sign" }, shelf),
      el("span", { class: "grow" }, t("products.n", { n: products.length })),
      el("span", { class: "soft number" }, t("plan.room", { n: room })),
      icon("arrow", 20),
    ),
  );
}

/** Draw the whole plan. */
export function drawWholePlan(root) {
  const again = async () => {
    await planLoad().catch(failed);
    fill();
  };
  const missing = standIn(planFeed, again);
  if (missing) {
    drawn = null;
    show(root, missing);
    return;
  }
  if (drawn?.language === language() && drawn.list.isConnected) {
    fill();
    return;
  }
  const said = el("div", { "aria-live": "polite" });
  drawn = { language: language(), list: el("ul", { class: "card rows plan-shelves" }) };
  const learnAll = () =>
    learn({
      shelf: null,
      planned: (shelf, gtin) => productsOf(shelf).find((one) => one.gtin === gtin),
      title: (gtin) => planFeed.value.shelves.flatMap(({ products }) => products).find((one) => one.gtin === gtin),
      changed: again,
    });
  show(
    root,
    el("a", { class: "way-back", href: "#shelves" }, icon("back", 20), t("wall.back")),
    el("h1", {}, t("plan.all.title")),
    el(
      "div",
      { class: "tools" },
      el(
        "a",
        { class: "button", href: "/api/planogram.csv", download: "planogram.csv" },
        icon("download", 20),
        t("plan.export"),
      ),
      fileKey(t("plan.import"), ".csv,text/csv", (file) => take(file, said, again)),
      el("button", { type: "button", onclick: learnAll }, icon("shelf", 20), t("learn")),
    ),
    el("p", { class: "soft small" }, t("plan.columns")),
    said,
    newShelf(),
    drawn.list,
  );
  fill();
}

const productsOf = (shelf) => planFeed.value.shelves.find((one) => one.shelf === shelf)?.products ?? [];

function fill() {
  if (!drawn || !planFeed.value) return;
  const { shelves } = planFeed.value;
  const sorted = [...shelves].sort((a, b) => a.shelf.localeCompare(b.shelf, "en", { numeric: true }));
  show(drawn.list, sorted.length ? sorted.map(shelfRow) : el("li", { class: "soft" }, t("plan.none")));
}
