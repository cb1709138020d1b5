// What was done while the network was gone: kept on the device, then sent in the order in which it was done. Each act
// has an id of its own, so that one which arrived although nobody told us counts once.

import { Refusal, Unreachable, newId } from "/shared/api.js";
import { all, put, remove } from "/static/handheld/kept.js";
import { ask, network, onNetwork } from "/static/handheld/network.js";

const target = new EventTarget();
let sending = false;

/** Call `listener` when something was kept, sent, refused or forgotten. */
export const onActs = (listener) => target.addEventListener("change", listener);
const changed = () => target.dispatchEvent(new Event("change"));

/** What waits or was refused, the oldest first; of `subject` alone where one is named. */
export const acts = async (subject = "") =>
  (await all("acts")).filter((one) => !subject || one.subject === subject).sort((a, b) => a.t_ms - b.t_ms);

/** POST `body` to `path` now, or keep it until the network is back. `make(id)` gives the body for the act's id.
 *  `subject` says what it is about, `shown` what a page needs to show it while it waits. Gives {id, answer} or {id, kept};
 *  a kept one that was `tried` may have arrived. */
export async function act(subject, path, make, shown = {}) {
  const id = newId();
  const body = make(id);
  let tried = false;
  try {
    // Nothing overtakes what waits already.
    if (!network.isOnline || (await acts(subject)).some(({ state }) => state === "waiting"))
      throw new Unreachable("known to be gone");
    tried = true;
    return { id, answer: await ask("POST", path, body) };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const kept = { act: id, subject, path, body, shown, t_ms: Date.now(), state: "waiting", tried };
    await put("acts", id, kept);
    changed();
    if (network.isOnline) send();
    return { id, kept };
  }
}

/** Forget one: taken back before it left, or refused and read. */
export async function forget(id) {
  await remove("acts", id);
  changed();
}

/** Send what waits. */
export async function send() {
  if (sending) return;
  sending = true;
  const waiting = (await acts()).filter(({ state }) => state === "waiting");
  try {
    for (const one of waiting) await sendOne(one);
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refusal)) throw error;
  } finally {
    sending = false;
    if (waiting.length) changed();
  }
}

async function sendOne(one) {
  if (!one.tried) await put("acts", one.act, { ...one, tried: true });
  try {
    await ask("POST", one.path, one.body);
  } catch (error) {
    // Signed out or overloaded may change; what is refused otherwise is shown to whoever did it.
    if (!(error instanceof Refusal) || [401, 429].includes(error.status) || error.status >= 500) throw error;
    const { code, message, hint } = error;
    if (code === "nothing") return remove("acts", one.act); // what was to be taken back had never arrived
    await put("acts", one.act, { ...one, state: "refused", code, message, hint });
    return undefined;
  }
  return remove("acts", one.act);
}

onNetwork((isOnline) => isOnline && send());
setInterval(send, 15_000);
