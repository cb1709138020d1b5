// One shelf on the wall: a tile that is read from three metres, and redrawn only when something on it changed.

import { el, icon, show } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { age, setAge } from "/static/manager/data.js";
import { address } from "/static/manager/views.js";
import { amount, levelChip, levelOf, shelfPicture, sureness } from "/static/manager/shelves/picture.js";

const WORST_FIRST = ["empty", "misplaced", "low", "over", "unknown", "ok"];
const WORST_SHOWN = 2;

/** The products that somebody should do something about, the most urgent first. */
export const worst = ({ products }) =>
  products
    .filter((product) => ["empty", "misplaced", "low"].includes(levelOf(product)))
    .sort((a, b) => WORST_FIRST.indexOf(levelOf(a)) - WORST_FIRST.indexOf(levelOf(b)) || a.standing - b.standing);

/** Whether somebody should walk there. What nobody knows is no work, it is a reader to mend. */
export const needsWork = (shelf) => worst(shelf).length > 0;

/** Whether the reader that should look there does not. */
export const isSilent = (shelf) => shelf.unknown;

/** The shelf in a few words: "2 empty · 1 low". */
export function verdict(shelf) {
  if (shelf.unknown) return t("shelf.unknown");
  const count = (level) =>
    level === "misplaced" ? shelf.misplaced : shelf.products.filter((product) => levelOf(product) === level).length;
  const said = ["empty", "low", "misplaced"].filter(count).map((level) => t(`n.${level}`, { n: count(level) }));
  if (said.length) return said.join(" · ");
  if (!shelf.wanted) return t("shelf.unplanned");
  return count("unknown") ? t("n.unknown", { n: count("unknown") }) : t("shelf.well");
}

/** Of how many products nobody can be sure, though their reader reads. */
const doubtful = (shelf) =>
  shelf.unknown ? 0 : shelf.products.filter((product) => sureness(product) === "unsure").length;

function kindOf(shelf) {
  if (shelf.unknown) return "unknown";
  if (shelf.products.some(({ level }) => level === "empty")) return "empty";
  return needsWork(shelf) ? "work" : "well";
}

/** What a reader that does not look needs. */
export const advice = (shelf) => (shelf.unknown ? t(`reader.${shelf.state}.do`, { node: shelf.node ?? "" }) : "");

function worstRows(shelf) {
  if (shelf.unknown) return el("p", { class: "advice" }, advice(shelf));
  const found = worst(shelf);
  return el(
    "ul",
    { class: "worst" },
    found
      .slice(0, WORST_SHOWN)
      .map((product) =>
        el(
          "li",
          {},
          levelChip(product),
          el("span", { class: "grow what" }, names(product).first),
          el("b", { class: "number" }, amount(product)),
        ),
      ),
    found.length > WORST_SHOWN &&
      el("li", { class: "soft more" }, t("shelf.more", { n: found.length - WORST_SHOWN })),
  );
}

/** What of a shelf is drawn: all but when it was read, which only moves the age. */
const drawn = (shelf, language) => JSON.stringify([language, { ...shelf, last_read_ms: 0, state_ms: 0 }]);

/** A tile: `node`, and `update(shelf)` which leaves it alone where nothing changed. */
export class Tile {
  constructor() {
    this.link = el("a", { class: "tile" });
    this.node = el("li", {}, this.link);
    this.age = age(null);
  }

  /** Draw the shelf unless it looks as before. */
  update(shelf, language) {
    setAge(this.age, shelf.last_read_ms);
    const now = drawn(shelf, language);
    if (now === this.before) return;
    const isFirst = this.before === undefined;
    this.before = now;
    this.link.href = address("shelves", shelf.shelf);
    this.link.className = `tile is-${kindOf(shelf)}`;
    this.link.dataset.shelf = shelf.shelf;
    const pieces = t("amount", { n: shelf.standing, of: shelf.wanted });
    const spoken = `${shelf.shelf}: ${verdict(shelf)}. ${t(`reader.${shelf.state}`)}. ${pieces}`;
    this.link.setAttribute("aria-label", spoken);
    show(
      this.link,
      el(
        "span",
        { class: "tile-head" },
        el("span", { class: "sign" }, shelf.shelf),
        el(
          "span",
          { class: "grow" },
          el("b", { class: "tile-verdict" }, verdict(shelf)),
          doubtful(shelf) > 0 && el("span", { class: "doubt" }, t("n.unsure", { n: doubtful(shelf) })),
        ),
      ),
      shelfPicture(shelf),
      worstRows(shelf),
      el(
        "span",
        { class: "tile-foot soft" },
        el("span", { class: `reader ${shelf.state}` }, t(`reader.${shelf.state}`)),
        shelf.state !== "none" && this.age,
        !shelf.unknown &&
          el(
            "span",
            { class: "tile-count number" },
            el("b", {}, shelf.standing),
            shelf.wanted > 0 && el("span", { class: "soft" }, `/${shelf.wanted}`),
          ),
      ),
    );
    if (!isFirst) this.#fade();
  }

  #fade() {
    this.link.classList.remove("changed");
    requestAnimationFrame(() => this.link.classList.add("changed"));
  }
}

/** The back room: how much there is, no plan. */
export function backRoomTile(room) {
  return el(
    "a",
    { class: "tile back-room", href: address("shelves", room.shelf) },
    el(
      "span",
      { class: "tile-head" },
      icon("box", 30),
      el("b", { class: "grow tile-verdict" }, t("back-room")),
      el("b", { class: "number" }, t("pieces", { n: room.standing })),
    ),
    el(
      "span",
      { class: "tile-foot soft" },
      t("products.n", { n: room.products.filter((one) => one.standing).length }),
    ),
  );
}
