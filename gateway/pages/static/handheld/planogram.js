// What belongs where, and how much room there is: asked for now and then, kept for when the network is gone.

import { get, put } from "/static/handheld/kept.js";
import { ask, network, onNews } from "/static/handheld/network.js";

const EVERY_MS = 300_000;
let rows = null; // "shelf gtin" → {facings, capacity, low}
let asked = 0;

const key = (shelf, gtin) => `${shelf} ${gtin}`;

function take(shelves) {
  rows = new Map(shelves.flatMap(({ shelf, products }) => products.map((one) => [key(shelf, one.gtin), one])));
}

/** Have it ready; asked for at most every five minutes. Without it there are no pictures, and nothing else lacks. */
export async function ready() {
  if (network.isOnline && Date.now() - asked > EVERY_MS) {
    asked = Date.now();
    try {
      const { shelves } = await ask("GET", "/api/planogram", undefined, { timeoutMs: 4000 });
      take(shelves);
      await put("kept", "planogram", shelves);
    } catch {
      asked = 0;
    }
  }
  if (!rows) take((await get("kept", "planogram").catch(() => null)) ?? []);
}

/** The row of a product on a shelf, or null: {facings, capacity, low}. */
export const rowOf = (shelf, gtin) => rows?.get(key(shelf, gtin)) ?? null;

onNews((name) => {
  if (name === "planogram") asked = 0;
});
