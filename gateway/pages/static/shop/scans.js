// Scans on their way to the basket: kept on the phone until the gateway has them, each with an id of its own, so that
// one that is sent twice counts once.

import { Refusal, Unreachable, call, newId } from "/shared/api.js";

const KEY = "aisle.shop.scans";
const LONGEST = 100;

function load() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function store(scans) {
  try {
    localStorage.setItem(KEY, JSON.stringify(scans));
  } catch {
    // a phone without storage keeps them as long as the page is open
  }
}

export class Scans {
  /** `onBasket(basket, scan)` after each that arrived, `onRefused(error, scan)` for one that never will,
   *  `onNetwork(isOnline)` as sending shows it. */
  constructor({ onBasket, onRefused, onNetwork }) {
    Object.assign(this, { onBasket, onRefused, onNetwork, isSending: false, isReady: false });
    this.waiting = load();
    addEventListener("online", () => this.send());
    setInterval(() => this.waiting.length && this.send(), 3000);
  }

  /** There is a basket to send to: two requests at once would make two. */
  begin() {
    this.isReady = true;
    return this.send();
  }

  /** Take a scanned or typed text. */
  async add(text) {
    this.waiting = [...this.waiting, { scan: newId(), text }].slice(-LONGEST);
    store(this.waiting);
    await this.send();
  }

  /** Send what waits, in order. */
  async send() {
    if (this.isSending || !this.isReady) return;
    this.isSending = true;
    try {
      while (this.waiting.length) await this.#first();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.onNetwork(false);
    } finally {
      this.isSending = false;
    }
  }

  async #first() {
    const [scan] = this.waiting;
    let basket = null;
    let refused = null;
    try {
      basket = await post(scan);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === 429 || error.status >= 500)
        throw new Unreachable(error.message);
      refused = error;
    }
    this.waiting = this.waiting.slice(1);
    store(this.waiting);
    if (refused) this.onRefused(refused, scan);
    else this.onBasket(basket, scan);
  }
}

async function post(scan) {
  try {
    return await call("POST", "/api/baskets/mine/scans", scan);
  } catch (error) {
    // The basket was paid or forgotten meanwhile: what is scanned now belongs into a new one.
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
    await call("POST", "/api/baskets");
    return call("POST", "/api/baskets/mine/scans", scan);
  }
}
