// What the views show comes from here: the newest answer of each route, and the server's time, so that ages are right
// on a screen whose own clock is not.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { el } from "/shared/dom.js";
import { ago, language, t } from "/shared/i18n.js";
import { mark, since } from "/shared/live.js";
import { why } from "/static/refusals.js";

let told = null; // {ms, at}: the server's time, and when it said so

/** The server's time now, by a clock that does not step. */
export const serverNow = () => (told ? told.ms + since(told.at) : Date.now());

/** Whether an error is nobody's fault but the session's or the network's: the page as a whole deals with it. */
const isOurs = (error) =>
  error instanceof Unreachable || (error instanceof Refusal && [401, 403].includes(error.status));

/** Run what a key asks for. Without a session or the network nothing happens: the page's next round says so. */
export async function tried(run) {
  try {
    await run();
  } catch (error) {
    if (!isOurs(error)) throw error;
  }
}

/** The newest answer of one route; of two calls under way the later one counts. */
export class Feed {
  constructor(path) {
    Object.assign(this, { path, value: null, error: null, ticket: 0 });
  }

  /** Ask again. A refusal is kept as `error`; no session or no network is thrown. */
  async load(query = "") {
    const ticket = ++this.ticket;
    try {
      const value = await call("GET", this.path + query);
      if (value?.as_of_ms) told = { ms: value.as_of_ms, at: mark() };
      if (ticket === this.ticket) Object.assign(this, { value, error: null });
    } catch (error) {
      if (isOurs(error)) throw error;
      if (!(error instanceof Refusal)) throw error;
      if (ticket === this.ticket) this.error = error;
    }
    return this.value;
  }

  /** Forget the answer: another question is asked from now on. */
  clear() {
    this.ticket += 1;
    Object.assign(this, { value: null, error: null });
  }
}

const drawn = new WeakMap();

/** Draw `root` only when `what` it shows became another, or the language: what stands keeps its focus. */
export function whenChanged(root, what, draw) {
  const key = JSON.stringify([language(), what]);
  if (drawn.get(root) === key && root.hasChildNodes()) return;
  drawn.set(root, key);
  draw();
}

/** An answer without its time, which is another each time. */
export const timeless = (value) => value && { ...value, as_of_ms: 0 };

/** How long ago `ms` was; `beat` keeps it true. */
export function age(ms, key = "") {
  const node = el("span", { class: "age number", data: { seen: ms ?? "", key } });
  tick(node);
  return node;
}

function tick(node) {
  const seconds = node.dataset.seen === "" ? null : Math.max(0, (serverNow() - Number(node.dataset.seen)) / 1000);
  const text = node.dataset.key ? t(node.dataset.key, { ago: ago(seconds) }) : ago(seconds);
  if (node.textContent !== text) node.textContent = text;
}

/** Move an age to another time. */
export function setAge(node, ms) {
  node.dataset.seen = ms ?? "";
  tick(node);
}

/** Once a second: every age on the page grows, also while nobody answers. */
export function beat(root) {
  for (const node of root.querySelectorAll("[data-seen]")) tick(node);
}

/** What stands where an answer should: nothing yet, or why not and what to do. `null` when there is one. */
export function standIn(feed, again) {
  if (feed.value) return null;
  if (!feed.error)
    return el("div", { class: "card waiting", "aria-busy": "true" }, el("p", { class: "skeleton" }, "…"));
  return el(
    "div",
    { class: "card empty" },
    el("p", {}, why(feed.error)),
    el("button", { type: "button", onclick: again }, t("again")),
  );
}
