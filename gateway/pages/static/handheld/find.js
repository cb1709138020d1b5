// The look-up: what is typed or scanned becomes products, from the gateway or from what this device kept.

import { Unreachable } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { ask, network } from "/static/handheld/network.js";
import * as snapshot from "/static/handheld/snapshot.js";
import { bars, placeName } from "/static/handheld/sureness.js";
import { why } from "/static/refusals.js";

const LIMIT = 30;
let asked = 0;
let opening = null; // what Enter wants opened, until it is answered: a view drawn anew meanwhile does not forget it
let last = { q: "", found: null };

const isEpc = (text) => /^(?:[0-9a-f]{4}){4,31}$/i.test(text) && !/^\d{8,14}$/.test(text);

/** Search; where the gateway does not answer, in what is kept. Gives {products, as_of_ms, isKept}. */
async function lookUp(q) {
  try {
    if (!network.isOnline && snapshot.size()) throw new Unreachable("known to be gone");
    return await ask("GET", `/api/stock?q=${encodeURIComponent(q)}&limit=${LIMIT}`, undefined, { timeoutMs: 4000 });
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { ...snapshot.search(q), isKept: true };
  }
}

/** A card of the list: names, how many, where. */
function card(product) {
  const { first, second } = names(product);
  const places = product.places.filter((place) => place.quantity > 0 || place.state === "unknown").slice(0, 3);
  return el(
    "li",
    {},
    el(
      "a",
      { class: "found card", href: `#product/${product.gtin}` },
      el(
        "span",
        { class: "grow" },
        el("b", { class: "first" }, first),
        second && el("span", { class: "second" }, second),
        el(
          "span",
          { class: "where-line" },
          places.length
            ? places.map((place) =>
                el("span", { class: `how ${place.state}` }, bars(place), `${placeName(place)} ×${place.quantity}`),
              )
            : t("places.none"),
        ),
      ),
      el(
        "span",
        { class: `total ${product.on_hand ? "" : "nil"}` },
        el("b", {}, product.on_hand),
        el("span", {}, t("on-hand")),
      ),
    ),
  );
}

function draw(root) {
  const { q, found } = last;
  if (!q || !found) {
    show(
      root,
      el("div", { class: "empty" }, icon("search", 72), el("h1", {}, t("find.empty")), el("p", {}, t("find.hint"))),
    );
  } else if (!found.products.length) {
    show(
      root,
      el(
        "div",
        { class: "empty" },
        icon("box", 72),
        el("h1", {}, t("find.none", { q })),
        el("p", {}, t("find.none.hint")),
      ),
    );
  } else {
    show(
      root,
      el("ul", { class: "list" }, found.products.map(card)),
      found.products.length >= LIMIT &&
        el("p", { class: "soft small more" }, t("find.more", { n: found.products.length })),
    );
  }
}

/** The view of the search; the query stands in the dock, so it comes from there. */
export async function view(root) {
  draw(root);
  await run(root, byId("q").value.trim());
}

/** Search for `q` and draw, unless a later search has begun. `isFinal`: Enter or a scan, so one answer is opened. */
export async function run(root, q, { isFinal = false } = {}) {
  const mine = ++asked;
  opening = isFinal || opening === q ? q : null;
  if (!q) {
    last = { q, found: null };
    return draw(root);
  }
  if (isFinal && isEpc(q)) {
    opening = null;
    location.hash = `#item/${q.toUpperCase()}`;
    return undefined;
  }
  let found;
  try {
    found = await lookUp(q);
  } catch (error) {
    if (mine !== asked) return undefined;
    opening = null;
    const text = error instanceof Unreachable ? t("offline.none") : why(error);
    return show(
      root,
      el("div", { class: "empty" }, icon("alert", 72), el("h1", {}, t("problem")), el("p", {}, text)),
    );
  }
  if (mine !== asked) return undefined;
  last = { q, found };
  const opens = opening === q;
  opening = null;
  if (opens && found.products.length === 1) location.hash = `#product/${found.products[0].gtin}`;
  else draw(root);
  return undefined;
}
