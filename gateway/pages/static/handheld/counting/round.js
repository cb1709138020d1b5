// One round of counting a place: which products, what was entered for each, which comes next.

import { Unreachable } from "/shared/api.js";
import { counts, save, undo } from "/static/handheld/counts.js";
import { get, put } from "/static/handheld/kept.js";
import { ask, network } from "/static/handheld/network.js";
import * as snapshot from "/static/handheld/snapshot.js";

/** The products of a place, without what the books say of them: who counts shall not be led. */
async function listOf(place) {
  try {
    if (!network.isOnline) throw new Unreachable("known to be gone");
    const { products } = await ask("GET", `/api/counts/${encodeURIComponent(place)}`, undefined, { timeoutMs: 4000 });
    await put("kept", `counting-${place}`, products).catch(() => {});
    return products;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const kept = (await get("kept", `counting-${place}`)) ?? snapshot.productsAt(place);
    if (!kept.length) throw error;
    return kept;
  }
}

/** What the books say, read only once the number is entered; null where nobody can tell now. */
async function booksOf(gtin, place) {
  if (!network.isOnline) return null;
  try {
    const product = await ask("GET", `/api/stock/${gtin}`, undefined, { timeoutMs: 4000 });
    return product.places.find((one) => one.place === place)?.quantity ?? 0;
  } catch {
    return null;
  }
}

export class Round {
  /** Begin to count `place`; `first` is the product to begin with, if any. */
  static async begin(place, first = "") {
    const products = await listOf(place);
    const at = products.findIndex(({ gtin }) => gtin === first);
    return new Round(place, at > 0 ? [products[at], ...products.filter((_, other) => other !== at)] : products);
  }

  constructor(place, products) {
    Object.assign(this, { place, products, at: 0, entered: new Map(), skipped: new Set() });
    this.#settle();
  }

  /** Whether `gtin` is still to be counted in this round. */
  has(gtin) {
    return this.products.some((one) => one.gtin === gtin) && !this.entered.has(gtin);
  }

  /** The product to count now, or null when all were counted or skipped. */
  get current() {
    return this.products[this.at] ?? null;
  }

  /** The number in this list that it is, from 1. */
  get position() {
    return Math.min(this.products.length, this.entered.size + this.skipped.size + 1);
  }

  /** Keep `quantity` for the current product, and go on. Gives {count, quantity, difference}. */
  async enter(quantity) {
    const product = this.current;
    const books = await booksOf(product.gtin, this.place);
    const count = await save(product, this.place, quantity);
    const entry = { count, quantity, difference: books === null ? null : quantity - books };
    this.entered.set(product.gtin, entry);
    this.skipped.delete(product.gtin);
    this.#settle();
    return entry;
  }

  /** Leave the current product out. */
  skip() {
    this.skipped.add(this.current.gtin);
    this.#settle();
  }

  /** Take the count of `gtin` back and come to it again. */
  async takeBack(gtin) {
    const entry = this.entered.get(gtin);
    if (entry && (await counts()).some(({ count }) => count === entry.count.count)) await undo(entry.count);
    this.entered.delete(gtin);
    this.goTo(gtin);
  }

  /** Count `gtin` now; false where it is not of this place. */
  goTo(gtin) {
    const at = this.products.findIndex((one) => one.gtin === gtin);
    if (at < 0) return false;
    this.skipped.delete(gtin);
    this.at = at;
    return true;
  }

  #settle() {
    const isLeft = ({ gtin }) => !this.entered.has(gtin) && !this.skipped.has(gtin);
    const next = this.products.findIndex((one, at) => at >= this.at && isLeft(one));
    this.at = next >= 0 ? next : this.products.findIndex(isLeft);
  }
}
