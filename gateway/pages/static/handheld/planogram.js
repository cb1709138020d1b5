// What belongs where, and how much room there is: asked for now and then, kept for when the network is gone.

import { get, put } from "/static/handheld/kept.js";
import { ask, network } from "/static/handheld/network.js";

const EVERY_MS = 300_000;
const SOON_MS = 5000;
let rows = null; // "shelf gtin" → {facings, capacity, low}
let asked = 0;

const key = (shelf, gtin) => `${shelf} ${gtin}`;

function take(shelves) {
  rows = new Map(shelves.flatMap(({ shelf, products }) => products.map((one) => [key(shelf, one.gtin), one])));
}

/** Have it ready for these tasks: asked for every five minutes, sooner where one of them is not in it yet. Without it
 *  there are no pictures, and nothing else lacks. */
export async function ready(tasks) {
  if (!rows) take((await get("kept", "planogram").catch(() => null)) ?? []);
  const lacks = tasks.some(({ type, shelf, gtin }) => type === "replenish" && !rowOf(shelf, gtin));
  if (network.isOnline && Date.now() - asked > (lacks ? SOON_MS : EVERY_MS)) {
    asked = Date.now();
    try {
      const { shelves } = await ask("GET", "/api/planogram", undefined, { timeoutMs: 4000 });
      take(shelves);
      await put("kept", "planogram", shelves);
    } catch {
      asked = 0;
    }
  }
}

/** The row of a product on a shelf, or null: {facings, capacity, low}. */
export const rowOf = (shelf, gtin) => rows?.get(key(shelf, gtin)) ?? null;
