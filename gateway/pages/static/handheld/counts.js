// Counts by hand: kept on the device first, then sent, once each; taken back for ten minutes.

import { Refusal, Unreachable, newId } from "/shared/api.js";
import { all, put, remove } from "/static/handheld/kept.js";
import { ask, onNetwork } from "/static/handheld/network.js";

export const UNDO_MS = 600_000;
const LATE_MS = 30_000;
const target = new EventTarget();
let sending = false;

/** Call `listener` when a count was kept, sent, refused or taken back. */
export const onCounts = (listener) => target.addEventListener("change", listener);
const changed = () => target.dispatchEvent(new Event("change"));

/** This device's counts, the newest first; those that arrived long ago are forgotten. */
export async function counts() {
  const found = await all("counts");
  const old = found.filter((one) => one.state === "sent" && Date.now() - one.t_ms > UNDO_MS);
  await Promise.all(old.map((one) => remove("counts", one.count)));
  return found.filter((one) => !old.includes(one)).sort((a, b) => b.t_ms - a.t_ms);
}

/** Keep a count; it is sent as soon as the network lets it. Gives the count. */
export async function save(product, place, quantity) {
  const { gtin, name_en, name_zh } = product;
  const one = { count: newId(), gtin, name_en, name_zh, place, quantity, t_ms: Date.now(), state: "waiting" };
  await put("counts", one.count, one);
  changed();
  await send();
  return (await all("counts")).find(({ count }) => count === one.count) ?? one;
}

/** Take a count back: forgotten if it never left, else undone at the gateway. */
export async function undo(one) {
  const now = (await all("counts")).find(({ count }) => count === one.count);
  // One that is on its way may have arrived although nobody told us, so the gateway is asked, too.
  const mayHaveLeft = now?.state !== "waiting" || now.tried;
  if (now && mayHaveLeft) {
    await put("counts", now.count, { ...now, state: "undoing" });
    changed();
    await send();
  } else {
    await remove("counts", one.count);
  }
  changed();
}

/** Forget a count that was refused. */
export async function forget(one) {
  await remove("counts", one.count);
  changed();
}

/** Send what waits, in the order in which it was counted. */
export async function send() {
  if (sending) return;
  sending = true;
  const waiting = (await all("counts")).filter(({ state }) => state === "waiting" || state === "undoing");
  try {
    for (const one of waiting.sort((a, b) => a.t_ms - b.t_ms)) await sendOne(one);
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refusal)) throw error;
  } finally {
    sending = false;
    if (waiting.length) changed();
  }
}

async function sendOne(one) {
  const { count, gtin, place, quantity, state } = one;
  // When it was counted is said only where that was a while ago: this device's clock may be wrong.
  const when = Date.now() - one.t_ms > LATE_MS ? { t_ms: one.t_ms } : {};
  if (state === "waiting") await put("counts", count, { ...one, tried: true });
  try {
    if (state === "undoing") await ask("DELETE", `/api/stock/counts/${count}`);
    else await ask("POST", "/api/stock/counts", { count, gtin, place, quantity, ...when });
  } catch (error) {
    // A refusal will never be anything else; signed out or overloaded may change.
    if (!(error instanceof Refusal) || [401, 429].includes(error.status) || error.status >= 500) throw error;
    if (state === "undoing" && error.status === 404) await remove("counts", count);
    else
      await put("counts", count, {
        ...one,
        state: "refused",
        code: error.code,
        message: error.message,
        hint: error.hint,
      });
    return;
  }
  if (state === "undoing") await remove("counts", count);
  else await put("counts", count, { ...one, state: "sent" });
}

onNetwork((isOnline) => isOnline && send());
setInterval(send, 15_000);
