// The alarms of the store as this device knows them: told by the gateway the moment there is one.

import { Unreachable } from "/shared/api.js";
import { get, put } from "/static/handheld/kept.js";
import { ask, network, onNews } from "/static/handheld/network.js";

const LIMIT = 50;
const target = new EventTarget();
let now = { open: 0, newest: null };

/** How many are open, and the newest of those. */
export const state = () => now;

/** Call `listener({open, newest, isNew})` when that changes; `isNew` when there is one that was not there before. */
export const onAlarms = (listener) => target.addEventListener("change", ({ detail }) => listener(detail));

function note(data) {
  const isNew = Boolean(data.newest) && data.newest.alarm !== now.newest?.alarm && data.open > now.open;
  now = { open: data.open, newest: data.newest };
  target.dispatchEvent(new CustomEvent("change", { detail: { ...now, isNew } }));
}

onNews((name, data) => name === "alarms" && note(data));

/** The newest alarms, open ones first: {alarms, as_of_ms, isKept}. */
export async function load() {
  try {
    if (!network.isOnline) throw new Unreachable("known to be gone");
    const found = await ask("GET", `/api/alarms?limit=${LIMIT}`, undefined, { timeoutMs: 4000 });
    await put("kept", "alarms", found).catch(() => {}); // no room: it is not there when the network goes
    return { ...found, isKept: false };
  } catch (error) {
    const kept = error instanceof Unreachable ? await get("kept", "alarms") : null;
    if (!kept) throw error;
    return { ...kept, isKept: true };
  }
}

/** Say what it was. Throws a Refusal 409 when somebody was quicker. */
export const close = (alarm, outcome) => ask("POST", `/api/alarms/${encodeURIComponent(alarm)}/close`, { outcome });

/** Take that back, within ten minutes. */
export const reopen = (alarm) => ask("POST", `/api/alarms/${encodeURIComponent(alarm)}/reopen`);

/** Forget them: somebody signed out. */
export const forgetAlarms = () => note({ open: 0, newest: null });
