// Changes of the plan: each is said to the gateway at once, and each can be taken back, the newest first.

import { call } from "/shared/api.js";
import { t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { why } from "/static/refusals.js";

const path = (shelf, gtin) => `/api/planogram/${encodeURIComponent(shelf)}/${encodeURIComponent(gtin)}`;

/** What was changed here lately: groups of the ids under which the gateway undoes. */
export const done = [];

const remember = (changes) => {
  const ids = changes.filter(Boolean);
  if (ids.length) done.push(ids);
  return ids.length;
};

/** Tell that something did not work; the page shows what the gateway has. */
export const failed = (error) => toast(t("problem", { why: why(error) }), { kind: "bad", seconds: 8 });

/** Say how a product stands on a shelf. */
export async function put(shelf, { gtin, facings, capacity, low }) {
  remember([(await call("PUT", path(shelf, gtin), { facings, capacity, low }))?.change]);
}

/** Take a product off the plan of a shelf. */
export async function remove(shelf, gtin) {
  remember([(await call("DELETE", path(shelf, gtin)))?.change]);
}

/** Say several at once; `onProgress(share)` after each. They are undone together. */
export async function putAll(slots, onProgress) {
  const ids = [];
  try {
    for (const [at, { shelf, gtin, facings, capacity, low }] of slots.entries()) {
      ids.push((await call("PUT", path(shelf, gtin), { facings, capacity, low }))?.change);
      onProgress((at + 1) / slots.length);
    }
  } finally {
    remember(ids);
  }
}

/** Remember a change that the gateway made as one, so that `undo` takes it back. */
export const made = (change) => remember([change]);

/** Take the newest change back; false where there is none, or it is too old. */
export async function undo() {
  const ids = done.pop();
  if (!ids) return false;
  try {
    for (const id of ids.reverse()) await call("DELETE", `/api/planogram/changes/${encodeURIComponent(id)}/undo`);
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}
