// A number that a thumb changes: less, the number itself, more.

import { el, icon } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const MOST = 100_000;

/** A stepper under `caption`; `changed(value)` is told of whole numbers only. `set(value)` shows another one. */
export function stepper(caption, value, { least, label }, changed) {
  let now = value;
  const input = el("input", {
    type: "text",
    inputMode: "numeric",
    value: String(value),
    "aria-label": label,
    oninput: () => {
      const typed = /^\d{1,6}$/.test(input.value.trim()) ? Number(input.value) : null;
      const isGood = typed !== null && typed >= least && typed <= MOST;
      input.setAttribute("aria-invalid", String(!isGood));
      if (isGood && typed !== now) changed((now = typed));
    },
    onblur: () => set(now),
    onkeydown: (event) => {
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      by(step);
    },
  });
  const set = (to) => {
    now = to;
    input.value = String(to);
    input.setAttribute("aria-invalid", "false");
  };
  const by = (step) => {
    const to = Math.min(MOST, Math.max(least, now + step));
    if (to === now) return;
    set(to);
    changed(to);
  };
  const key = (name, step) =>
    el(
      "button",
      { type: "button", "aria-label": `${t(`step.${name}`)}: ${label}`, onclick: () => by(step) },
      icon(name, 20),
    );
  const node = el(
    "span",
    { class: "stepper" },
    el("span", { class: "soft small" }, caption),
    el("span", { class: "stepper-keys" }, key("minus", -1), input, key("plus", 1)),
  );
  return { node, set };
}
