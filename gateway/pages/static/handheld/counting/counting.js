// Counting a place blind: one product after the other, a number for each, and only then what the books said.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { ago, names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { buzz } from "/static/handheld/buzz.js";
import "/static/handheld/counting/words.js";
import { pad } from "/static/handheld/counting/pad.js";
import { Round } from "/static/handheld/counting/round.js";
import { nameWithin } from "/static/handheld/places.js";
import { why } from "/static/refusals.js";

let round = null; // the round that goes on, also while somebody looks elsewhere

/** Draw the count of `place` into `root`, beginning with the product `first` where one is asked for. */
export async function view(root, place, first = "") {
  if (round?.place !== place || (first && !round.has(first))) round = await Round.begin(place, first);
  draw(root);
}

function draw(root) {
  if (!round.products.length) return nothing(root);
  if (!round.current) return summary(root);
  const product = round.current;
  const { first, second } = names(product);
  const keys = pad({
    enter: (quantity) => enter(root, quantity),
    scanned: (code) => scanned(root, code),
    skip: () => {
      round.skip();
      draw(root);
    },
  });
  return show(
    root,
    el(
      "div",
      { class: "counting", data: { gtin: product.gtin } },
      head(),
      last(root),
      el(
        "div",
        { class: "counting-what" },
        el("h2", {}, first),
        second && el("p", { class: "soft" }, second),
        el("p", { class: "soft small" }, since(product)),
      ),
      keys,
    ),
  );
}

const since = ({ last_counted_ms: at }) =>
  at ? t("counting.last", { ago: ago(Math.max(0, (Date.now() - at) / 1000)) }) : t("counting.never");

function head() {
  const total = round.products.length;
  const done = round.entered.size + round.skipped.size;
  return el(
    "header",
    { class: "counting-head" },
    el(
      "div",
      { class: "counting-title" },
      el("h1", { class: "grow" }, t("counting.title", { place: nameWithin(round.place) })),
      el("button", { type: "button", class: "quiet", data: { key: "stop" }, onclick: finish }, t("counting.finish")),
    ),
    el("p", { class: "soft small" }, t("counting.of", { n: round.position, total })),
    el("progress", {
      class: "meter",
      value: done,
      max: total,
      "aria-label": t("counting.of", { n: round.position, total }),
    }),
  );
}

async function enter(root, quantity) {
  try {
    await round.enter(quantity);
    buzz(20);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    toast(why(error), { kind: "bad", key: "counting" });
  }
  draw(root);
}

function scanned(root, code) {
  if (round.goTo(code.padStart(14, "0"))) draw(root);
  else toast(t("counting.not-here", { gtin: code }), { kind: "bad", key: "counting", seconds: 8 });
}

/** How an entry compares: a word and a sign of its own for each, not only a colour. */
function difference({ difference: by, count }) {
  if (count.state === "refused") return el("span", { class: "chip bad" }, t("refused", { reason: why(count) }));
  if (by === null) return el("span", { class: "chip warn" }, t("counting.waits"));
  if (by === 0) return el("span", { class: "chip good" }, t("counting.same"));
  return el("span", { class: "chip warn" }, t(by > 0 ? "counting.more" : "counting.less", { n: Math.abs(by) }));
}

function row(root, gtin) {
  const product = round.products.find((one) => one.gtin === gtin);
  const entry = round.entered.get(gtin);
  const again = async () => {
    if (entry) await round.takeBack(gtin);
    else round.goTo(gtin);
    if (entry) toast(t("counting.undone"), { key: "counting" });
    draw(root);
  };
  return el(
    "div",
    { class: "counted-row" },
    el(
      "span",
      { class: "grow" },
      el("b", { class: "block" }, entry ? `${names(product).first}: ${entry.quantity}` : names(product).first),
      entry ? difference(entry) : el("span", { class: "soft small" }, t("counting.skipped")),
    ),
    el(
      "button",
      { type: "button", data: { key: `again-${gtin}` }, onclick: again },
      t(entry ? "undo" : "counting.again"),
    ),
  );
}

/** What was entered just before; its room is there from the start, so that nothing jumps. */
const last = (root) =>
  el(
    "div",
    { class: "counting-last", role: "status" },
    round.entered.size > 0 && row(root, [...round.entered.keys()].at(-1)),
  );

/** Whoever has counted enough goes back to the tasks; a task to count is done by its count. */
function finish() {
  round = null;
  location.hash = "#work";
}

function summary(root) {
  show(
    root,
    el(
      "div",
      { class: "counting summary" },
      el(
        "header",
        { class: "counting-head" },
        el("h1", {}, icon("check", 30), t("counting.done")),
        el("p", { class: "soft" }, t("counting.done.hint", { n: round.entered.size, skipped: round.skipped.size })),
      ),
      el(
        "section",
        { class: "card" },
        el(
          "ul",
          { class: "rows" },
          round.products.map(({ gtin }) => el("li", {}, row(root, gtin))),
        ),
      ),
      el(
        "button",
        { type: "button", class: "primary wide", data: { key: "finish" }, onclick: finish },
        icon("check"),
        t("counting.finish"),
      ),
    ),
  );
}

const nothing = (root) =>
  show(
    root,
    el(
      "div",
      { class: "empty" },
      icon("count", 72),
      el("h1", {}, t("counting.none")),
      el("p", {}, t("counting.none.hint", { place: nameWithin(round.place) })),
    ),
  );

/** Forget the round: somebody signed out. */
export function forgetRound() {
  round = null;
}
