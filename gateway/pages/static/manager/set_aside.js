// Facts that this software could not take in: how many, since when, why, and the key that tries again.

import { Refusal, call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { tried, whenChanged } from "/static/manager/data.js";
import { why } from "/static/refusals.js";

async function again(key, then) {
  key.disabled = true;
  try {
    const { folded, left } = await call("POST", "/api/manager/set-aside/retry");
    toast(t("aside.done", { n: folded, left }), { kind: left ? "bad" : "good", seconds: 10 });
  } catch (error) {
    if (!(error instanceof Refusal) || [401, 403].includes(error.status)) throw error;
    toast(why(error), { kind: "bad", seconds: 15 });
  } finally {
    key.disabled = false;
  }
  await then();
}

/** What waits; nothing at all is said where nothing does. `then()` is called after it was tried again. */
export function drawSetAside(root, waiting, then) {
  whenChanged(root, waiting, () => {
    if (!waiting.facts) {
      show(root, "");
      return;
    }
    show(
      root,
      el(
        "div",
        { class: "aside-facts" },
        el("b", {}, icon("alert", 20), " ", t("aside.n", { n: waiting.facts })),
        el("p", { class: "soft small" }, t("aside.why")),
        el("p", { class: "mono small" }, waiting.detail, ` · ${t("aside.since", { time: clock(waiting.since_ms) })}`),
        el(
          "button",
          { type: "button", onclick: (event) => tried(() => again(event.currentTarget, then)) },
          t("aside.again"),
        ),
      ),
    );
  });
}
