// Whether the gateway answers, told to the page as soon as a call or the event stream shows it.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { Live } from "/shared/live.js";

const CHECK_EVERY_MS = 4000;
const QUIET_MS = 20_000; // a shop may be quiet, or the line dead: after so long we ask
const RENEW_MS = 90_000;
const target = new EventTarget();

export const network = { isOnline: true };

/** Call `listener(isOnline)` at each change. */
export const onNetwork = (listener) => target.addEventListener("change", () => listener(network.isOnline));

/** Call `listener` when the session is over. */
export const onSignedOut = (listener) => target.addEventListener("signed-out", listener);

/** Call `listener(name, data)` when the gateway says that something changed: stock, tasks, alarms, deliveries. */
export const onNews = (listener) =>
  target.addEventListener("news", ({ detail }) => listener(detail.name, detail.data));

const tell = (name, data) => target.dispatchEvent(new CustomEvent("news", { detail: { name, data } }));

/** Note whether the gateway answered. */
export function note(isOnline) {
  if (isOnline === network.isOnline) return;
  network.isOnline = isOnline;
  target.dispatchEvent(new Event("change"));
}

/** Call the API as `call` does, and note what that says about the network and the session. */
export async function ask(method, path, body, options) {
  try {
    const answer = await call(method, path, body, options);
    note(true);
    return answer;
  } catch (error) {
    if (error instanceof Unreachable) note(false);
    if (error instanceof Refusal) {
      note(true);
      if (error.status === 401) target.dispatchEvent(new Event("signed-out"));
    }
    throw error;
  }
}

let live = null;
let checking = null;
let checked = 0;

/** Begin to listen and to look whether the gateway is back. */
export function listen() {
  live ??= new Live("/api/events", {
    names: ["stock", "lanes", "status", "tasks", "alarms", "deliveries"],
    onEvent: tell,
    onState: (state) => (state === "live" ? back() : check()),
    silentAfterMs: RENEW_MS,
  });
  checking ??= setInterval(() => {
    const isQuiet =
      document.visibilityState === "visible" && live.ageMs > QUIET_MS && Date.now() - checked > QUIET_MS;
    if (!network.isOnline || isQuiet) check();
  }, CHECK_EVERY_MS);
}

/** Stop: nobody is signed in. */
export function silence() {
  live?.close();
  clearInterval(checking);
  live = null;
  checking = null;
}

/** The event stream is open (again): whatever changed meanwhile was not told. */
function back() {
  note(true);
  tell("stock", { gtins: [] });
  tell("tasks", { changed: [] });
}

async function check() {
  checked = Date.now();
  try {
    const { clerk } = await call("GET", "/api/session", undefined, { timeoutMs: 3000 });
    note(true);
    if (!clerk) target.dispatchEvent(new Event("signed-out"));
  } catch (error) {
    note(!(error instanceof Unreachable));
  }
}

addEventListener("offline", () => note(false));
addEventListener("online", () => live && check());
