// Where the shopper stands in line: said with one tap, so that the lane's wait takes the basket into account.

import { call } from "/shared/api.js";
import { el, icon } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const MAY_STAND = new Set(["open", "stopped", "closing", "unknown"]);

/** "2–4" of a lane's range in seconds; nothing where nobody knows. */
function minutes({ wait_low_s: low, wait_high_s: high }) {
  if (low === null || high === null) return "";
  const from = Math.floor(low / 60);
  const to = Math.max(Math.ceil(high / 60), 1);
  return t("line.wait", { span: from === to ? to : `${from}–${to}` });
}

export class InLine {
  /** `onBasket(basket)` after a change, `onFail(error)` when it did not work, `onChange()` to draw anew. */
  constructor({ onBasket, onFail, onChange }) {
    Object.assign(this, { onBasket, onFail, onChange, lanes: null });
  }

  /** What stands above the keys of the page for this basket. */
  draw(basket) {
    if (!basket?.lines.length) return null;
    if (basket.lane) return this.#standing(basket.lane);
    return this.lanes ? this.#choice() : this.#key();
  }

  #key() {
    return el("button", { type: "button", class: "wide", onclick: () => this.#ask() }, t("line"));
  }

  #standing(lane) {
    return el(
      "p",
      { class: "in-line" },
      el("span", { class: "chip go" }, icon("check", 16), t("line.at", { lane: this.#name(lane) })),
      el("button", { type: "button", class: "quiet", onclick: () => this.#say("DELETE") }, t("line.leave")),
    );
  }

  #choice() {
    const lanes = this.lanes.filter(({ state }) => MAY_STAND.has(state));
    return el(
      "div",
      { class: "lanes", role: "group", "aria-label": t("line.where") },
      el("p", { class: "soft" }, t(lanes.length ? "line.where" : "line.none")),
      lanes.map((lane) =>
        el(
          "button",
          { type: "button", onclick: () => this.#say("PUT", lane.lane) },
          el("b", {}, lane.name || lane.lane),
          el("span", { class: "soft small" }, minutes(lane)),
        ),
      ),
      el("button", { type: "button", class: "quiet", onclick: () => this.#close() }, t("line.back")),
    );
  }

  #name(lane) {
    return this.known?.find((one) => one.lane === lane)?.name || lane;
  }

  #close() {
    this.lanes = null;
    this.onChange();
  }

  async #ask() {
    try {
      ({ lanes: this.lanes } = await call("GET", "/api/lanes"));
      this.known = this.lanes;
      this.onChange();
    } catch (error) {
      this.onFail(error);
    }
  }

  async #say(method, lane) {
    try {
      const basket = await call(method, "/api/baskets/mine/lane", lane && { lane });
      this.lanes = null;
      this.onBasket(basket);
    } catch (error) {
      this.onFail(error);
    }
  }
}
