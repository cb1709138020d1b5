// The tasks of the floor: asked for, kept for when the network is gone, claimed, given back, done.

import { Unreachable, newId } from "/shared/api.js";
import { act, acts, forget } from "/static/handheld/acts.js";
import { get, put } from "/static/handheld/kept.js";
import { ask, network, onNews } from "/static/handheld/network.js";

const target = new EventTarget();
const known = { open: 0, mine: 0 };

/** How many tasks are free and how many are this clerk's, as far as the gateway said. */
export const totals = () => ({ ...known });

/** Call `listener` when those numbers change. */
export const onTotals = (listener) => target.addEventListener("change", listener);

function note({ open, mine }) {
  if (open === known.open && mine === known.mine) return;
  // What was just claimed is on the device before the network can go.
  if (mine > known.mine) prepare();
  Object.assign(known, { open, mine });
  target.dispatchEvent(new Event("change"));
}

/** Call `listener(task)` when a task that this clerk has in hand is done, because the shelf sees the goods. */
export const onFinished = (listener) => target.addEventListener("finished", ({ detail }) => listener(detail));

const inHand = new Set();

function follow(task) {
  if (task.state === "done" && inHand.has(task.task))
    target.dispatchEvent(new CustomEvent("finished", { detail: task }));
  if (task.mine && task.state === "claimed") inHand.add(task.task);
  else inHand.delete(task.task);
}

onNews((name, data) => {
  if (name !== "tasks") return;
  if (Number.isInteger(data.open)) note(data);
  data.changed.forEach(follow);
});

/** The tasks of `state` (open, mine, done): {tasks, isKept}; what waits to be sent is marked with `waiting`. */
export async function load(state) {
  let found;
  try {
    if (!network.isOnline) throw new Unreachable("known to be gone");
    found = { ...(await ask("GET", `/api/tasks?state=${state}`, undefined, { timeoutMs: 4000 })), isKept: false };
    found.tasks.filter(({ mine }) => mine).forEach(follow);
    await put("kept", `tasks-${state}`, found).catch(() => {}); // no room: it is not there when the network goes
  } catch (error) {
    const kept = error instanceof Unreachable ? await get("kept", `tasks-${state}`) : null;
    if (!kept) throw error;
    found = { ...kept, isKept: true };
  }
  const waiting = new Map((await acts()).map((one) => [one.subject, one]));
  return { ...found, tasks: found.tasks.map((task) => ({ ...task, act: waiting.get(subject(task)) ?? null })) };
}

/** Have what is this clerk's on the device before the network goes. */
export const prepare = () => Promise.allSettled(["open", "mine"].map(load));

/** Forget the numbers: somebody signed out. */
export const forgetTasks = () => note({ open: 0, mine: 0 });

const path = (task, what) => `/api/tasks/${encodeURIComponent(task.task)}/${what}`;
const subject = ({ task }) => `task ${task}`;

/** Claim it for this clerk. Needs the network: two clerks must not get the same. */
export const claim = (task) => ask("POST", path(task, "claim"), { action: newId() });

/** Take back that it is done, within ten minutes. */
export const takeBack = (task) => ask("POST", path(task, "undone"), { action: newId() });

/** Say `what` of a task ("done", "release"), with how many pieces where people say so; without network it waits on the
 *  device. Gives {answer} or {kept}. */
export async function say(task, what, more = {}) {
  inHand.delete(task.task);
  // The last word on a task counts: an earlier one that never left need not be sent.
  for (const earlier of await acts(subject(task))) await forget(earlier.act);
  return act(subject(task), path(task, what), (action) => ({ action, ...more }), {
    what,
    gtin: task.gtin,
    name_en: task.name_en,
    name_zh: task.name_zh,
    shelf: task.shelf,
  });
}
