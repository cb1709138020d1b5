// The stock as this device last saw it, searched here when the network is gone.

import { Unreachable } from "/shared/api.js";
import { get, put } from "/static/handheld/kept.js";
import { note } from "/static/handheld/network.js";

const EVERY_MS = 120_000;
const MOST = 50;

let kept = null; // {etag, as_of_ms, products}
let index = []; // one lower-case line per product

function take(snapshot) {
  kept = snapshot;
  index = (snapshot?.products ?? []).map((product) =>
    `${product.name_en} ${product.name_zh} ${product.gtin} ${product.category}`.toLowerCase(),
  );
}

/** When what is kept was true, in ms, or null; and how many products that is. */
export const asOf = () => kept?.as_of_ms ?? null;
export const size = () => kept?.products.length ?? 0;

/** Bring back what the device kept. */
export async function restore() {
  if (!kept) take(await get("kept", "snapshot"));
}

/** Forget it: somebody signed out. */
export const forget = () => take(null);

/** Fetch it anew if it changed. */
export async function refresh() {
  const headers = kept?.etag ? { "if-none-match": kept.etag } : {};
  let response;
  try {
    response = await fetch("/api/stock/snapshot", {
      headers,
      cache: "no-store",
      signal: AbortSignal.timeout(30_000),
    });
  } catch {
    note(false);
    return;
  }
  if (response.status === 304) {
    kept.as_of_ms = Date.now(); // the same is true now
  } else if (response.ok) {
    take({ ...(await response.json()), etag: response.headers.get("etag") });
    await put("kept", "snapshot", kept).catch(() => {}); // no room on the device: it is kept while the page is open
  }
}

/** Refresh now and every two minutes while the page is seen. */
export function keepFresh() {
  clearInterval(keepFresh.timer);
  keepFresh.timer = setInterval(() => document.visibilityState === "visible" && refresh(), EVERY_MS);
  return refresh();
}

/** Products whose names or number hold every word of `q`; the same shape as the API's answer. */
export function search(q) {
  if (!kept) throw new Unreachable("nothing kept");
  const words = q
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => gtinOfEpc(word) ?? word);
  const products = kept.products.filter((_, at) => words.every((word) => index[at].includes(word))).slice(0, MOST);
  return { as_of_ms: kept.as_of_ms, products };
}

/** One product, or null. */
export const product = (gtin) => kept?.products.find((one) => one.gtin === gtin.padStart(14, "0")) ?? null;

/** Every place where something stands or belongs: shelves by name, then the rest. */
export function places() {
  const shelves = new Set();
  const others = new Set();
  for (const { places: standing, belongs = [] } of kept?.products ?? []) {
    for (const { place, kind } of standing) (kind === "shelf" ? shelves : others).add(place);
    for (const { shelf } of belongs) shelves.add(shelf);
  }
  return [...[...shelves].sort(), ...[...others].sort()];
}

/** The products that stand or belong on `place`, as a list to count: without how many. */
export const productsAt = (place) =>
  (kept?.products ?? [])
    .filter(
      ({ places, belongs = [] }) =>
        places.some((one) => one.place === place) || belongs.some(({ shelf }) => shelf === place),
    )
    .map(({ gtin, name_en, name_zh, tagged }) => ({ gtin, name_en, name_zh, tagged, last_counted_ms: null }));

// GS1 EPC Tag Data Standard, SGTIN-96: partition → bits and digits of the company prefix; the rest is the item's.
const PARTITIONS = [
  [40, 12],
  [37, 11],
  [34, 10],
  [30, 9],
  [27, 8],
  [24, 7],
  [20, 6],
];

/** The GTIN-14 in an SGTIN-96's hexadecimal digits, or null. */
export function gtinOfEpc(hex) {
  if (!/^30[0-9a-f]{22}$/i.test(hex)) return null;
  const bits = BigInt(`0x${hex}`);
  const field = (from, length) => (bits >> BigInt(96 - from - length)) & ((1n << BigInt(length)) - 1n);
  const row = PARTITIONS[Number(field(11, 3))];
  if (!row) return null;
  const [prefixBits, prefixDigits] = row;
  const prefix = String(field(14, prefixBits)).padStart(prefixDigits, "0");
  const item = String(field(14 + prefixBits, 44 - prefixBits)).padStart(13 - prefixDigits, "0");
  const body = item[0] + prefix + item.slice(1);
  if (body.length !== 13) return null;
  const sum = [...body].reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 1 : 3), 0);
  return body + ((10 - (sum % 10)) % 10);
}
