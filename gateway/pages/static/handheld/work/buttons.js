// What can be done with a task: take it, say that it is done, give it back; each with its undo.

import { el, icon } from "/shared/dom.js";
import { names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { forget } from "/static/handheld/acts.js";
import { buzz } from "/static/handheld/buzz.js";
import { nameOf } from "/static/handheld/places.js";
import { press } from "/static/handheld/press.js";
import * as snapshot from "/static/handheld/snapshot.js";
import { span } from "/static/handheld/span.js";
import { askBrought } from "/static/handheld/work/brought.js";
import { claim, onFinished, say, takeBack } from "/static/handheld/work/tasks.js";
import { why } from "/static/refusals.js";

const UNDO_MS = 600_000;
const MINUTE_MS = 60_000;
const target = new EventTarget();

/** Call `listener` when a task was taken, done or given back here: the list is to be drawn anew. */
export const onWork = (listener) => target.addEventListener("change", listener);
const ANEW = { key: "work", done: () => target.dispatchEvent(new Event("change")) };

const key = (task, what, kind, picture, text, act) =>
  el(
    "button",
    {
      type: "button",
      class: kind,
      data: { key: `${what}-${task.task}` },
      onclick: (event) => press(event.currentTarget, act, ANEW),
    },
    icon(picture),
    text,
  );

async function take(task) {
  await claim(task);
  buzz(30);
  if (task.type === "count") location.hash = `#counting/${task.shelf}/${task.gtin}`;
  else toast(t("work.claimed"), { key: "work", action: { label: t("undo"), run: () => quietly(task, "release") } });
}

async function giveBack(task) {
  const { kept } = await say(task, "release");
  toast(t(!kept ? "work.released" : "work.released.kept"), {
    key: "work",
    action: !kept ? { label: t("undo"), run: () => press(null, () => claim(task), ANEW) } : null,
  });
}

const quietly = (task, what) => press(null, () => say(task, what), ANEW);

/** Whether no reader sees these goods, so that the clerk says how many were brought. */
const isBlind = ({ type, gtin }) => type === "replenish" && snapshot.product(gtin)?.tagged === false;

async function finish(task) {
  const quantity = isBlind(task) ? await askBrought(task) : null;
  if (isBlind(task) && quantity === null) return;
  const { kept } = await say(task, "done", quantity === null ? {} : { quantity });
  buzz([20, 60, 20]);
  const undo = { label: t("undo"), run: () => press(null, () => takeBack(task), ANEW) };
  toast(t(kept ? "work.finished.kept" : "work.finished"), {
    key: "work",
    kind: "good",
    seconds: 10,
    action: kept ? null : undo,
  });
}

onFinished((task) => {
  buzz([20, 60, 20]);
  const what = `${names(task).first} · ${nameOf(task.shelf)}`;
  toast(t("work.seen", { what }), { key: "work", kind: "good", seconds: 8 });
});

/** An undo for a task that this clerk said was done, as long as there is one. */
export function undoKey(task, now, clerk) {
  const isMine = task.claimed_by === clerk && now - (task.done_ms ?? 0) < UNDO_MS;
  if (!isMine || task.type === "count") return null;
  return el(
    "p",
    { class: "keys" },
    key(task, "undone", "grow", "undo", t("undo"), () => takeBack(task)),
  );
}

/** The buttons of a task's card. */
export function buttons(task, now) {
  if (task.act?.state === "waiting" || task.act?.state === "refused") return held(task);
  if (task.state === "claimed" && !task.mine) {
    const since = span(now - (task.claimed_ms ?? now));
    return el(
      "p",
      { class: "taken" },
      icon("person"),
      t(now - (task.claimed_ms ?? now) >= MINUTE_MS ? "work.taken.since" : "work.taken", {
        name: task.claimed_name ?? "",
        time: since,
      }),
    );
  }
  if (!task.mine)
    return el(
      "p",
      { class: "keys" },
      key(task, "claim", "primary grow", "hand", t("work.claim"), () => take(task)),
    );
  return mine(task, now);
}

function mine(task, now) {
  const until = task.expires_ms;
  return el(
    "div",
    {},
    task.type !== "count" && !isBlind(task) && el("p", { class: "soft small" }, t("work.watching")),
    until &&
      el(
        "p",
        { class: "soft small until" },
        until > now ? t("work.until", { time: span(until - now) }) : t("work.over"),
      ),
    el(
      "p",
      { class: "keys" },
      key(task, "release", "", "out", t("work.release"), () => giveBack(task)),
      task.type === "count"
        ? el(
            "a",
            {
              class: "button primary grow",
              href: `#counting/${task.shelf}/${task.gtin}`,
              data: { key: `go-${task.task}` },
            },
            icon("count"),
            t("work.count-now"),
          )
        : key(task, "done", "primary grow", "check", t("work.finish"), () => finish(task)),
    ),
  );
}

/** Something about this task waits on the device, or was refused: it can be taken back here. */
function held(task) {
  const { act } = task;
  return el(
    "p",
    { class: "keys" },
    act.state === "refused" && el("span", { class: "problem grow" }, why(act)),
    el(
      "button",
      { type: "button", data: { key: `undo-${task.task}` }, onclick: () => forget(act.act) },
      t(act.state === "refused" ? "forget" : "undo"),
    ),
  );
}
