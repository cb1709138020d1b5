// What a person says of a lane: somebody is on the way to it, it closes after those in line, it is open. Shoppers see it.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { el, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { why } from "/static/refusals.js";

/** Say something of a lane. `options` are those of the toast that says so. */
async function say(lane, word, text, options = {}) {
  try {
    await call("POST", `/api/lanes/${lane}/${word}`);
    toast(t(text, { id: lane }), { kind: "good", ...options });
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    toast(why(error), { kind: "bad", seconds: 12 });
  }
}

/** Somebody is on the way to open a lane. */
export const goOpen = (lane) => say(lane, "opening", "ahead.told");

/** A lane is open, or stays so. */
export const stayOpen = (lane) => say(lane, "opened", "ahead.toldStays");

/** A lane takes nobody new; can be taken back. */
export const goClose = (lane) =>
  say(lane, "closing", "ahead.toldClose", {
    seconds: 12,
    action: { label: t("ahead.stays"), run: () => stayOpen(lane) },
  });

const CLOSE = ["word.closing", goClose];
const WORDS = {
  open: CLOSE,
  stopped: CLOSE,
  unknown: CLOSE,
  closing: ["ahead.stays", stayOpen],
  closed: ["word.opening", goOpen],
  opening: ["word.opened", stayOpen],
};

/** Each lane with what can be said of it now. */
export function drawLaneWords(root, lanes) {
  show(
    root,
    lanes.map(({ lane, name, state }) => {
      const [text, tell] = WORDS[state];
      const label = `${name || lane}: ${t(text)}`;
      return el(
        "li",
        {},
        el("span", { class: "sign" }, name || lane),
        el("span", { class: "soft small grow" }, t(state)),
        el("button", { type: "button", "aria-label": label, onclick: () => tell(lane) }, t(text)),
      );
    }),
  );
}
