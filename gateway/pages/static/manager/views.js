// The way around the page: a view for each thing a manager does, its address behind the #, a key for each.

import { byId, el, icon, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

/** The views in their order: the number keys choose them, too. Addresses of others go to the first. */
export const VIEWS = [
  { name: "now", icon: "pulse" },
  { name: "shelves", icon: "shelf" },
  { name: "queues", icon: "clock" },
  { name: "visitors", icon: "door" },
  { name: "work", icon: "list" },
  { name: "losses", icon: "tag" },
  { name: "store", icon: "person" },
];

/** What the address says: `#shelves/A1/plan` is the view "shelves" with ["A1", "plan"]. `#wall` is the wall alone. */
export function whereTo() {
  const parts = location.hash.slice(1).split("/").map(decoded);
  if (["wall", "plan"].includes(parts[0]))
    return { name: "shelves", args: [], isWall: parts[0] === "wall", isPlan: parts[0] === "plan" };
  const known = VIEWS.some(({ name }) => name === parts[0]);
  return {
    name: known ? parts[0] : "now",
    args: known ? parts.slice(1).filter(Boolean) : [],
    isWall: false,
    isPlan: false,
  };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that somebody typed
  }
}

/** The address of a place on this page. */
export const address = (...parts) => `#${parts.map(encodeURIComponent).join("/")}`;

/** Draw the way around; `counts` has how many things wait in a view. */
export function drawViews(current, counts = {}) {
  show(
    byId("views"),
    VIEWS.map(({ name, icon: drawing }) =>
      el(
        "a",
        { href: address(name), class: "view-key", "aria-current": name === current ? "page" : null },
        icon(drawing, 22),
        el("span", { class: "long" }, t(`view.${name}`)),
        el("span", { class: "short" }, t(`view.${name}.short`)),
        counts[name] > 0 &&
          el("b", { class: `badge ${name === "losses" || name === "now" ? "bad" : ""}` }, counts[name]),
      ),
    ),
  );
}

const isTyping = ({ target }) => target.closest?.("input, select, textarea, dialog, [contenteditable]");

/** 1 to 7 choose a view, / goes to the search, f to the wall alone, Escape back. */
export function listenToKeys() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || byId("board").hidden) return;
    const view = VIEWS[Number(event.key) - 1];
    if (view) location.hash = view.name;
    else if (event.key === "/") {
      const search = document.querySelector(".view:not([hidden]) input[type=search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
    } else if (event.key === "f") location.hash = whereTo().isWall ? "shelves" : "wall";
    else if (event.key === "Escape") back();
  });
}

function back() {
  const { name, args, isWall, isPlan } = whereTo();
  if (isWall || isPlan || args.length) location.hash = address(name, ...args.slice(0, -1)).slice(1);
}
