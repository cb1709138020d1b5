// Short messages at the bottom, with an undo where there is one.

import { byId, el } from "./dom.js";

/** Show `text` for `seconds`; `action` is {label, run}. A new toast with the same `key` takes the old one's place. */
export function toast(text, { action = null, seconds = 5, kind = "", key = "" } = {}) {
  const place = byId("toasts");
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  const node = el(
    "div",
    { class: `toast ${kind}`, role: "status", data: { key } },
    el("span", { class: "grow" }, text),
  );
  const close = () => node.remove();
  if (action) {
    node.append(
      el(
        "button",
        {
          type: "button",
          onclick: () => {
            close();
            action.run();
          },
        },
        action.label,
      ),
    );
  }
  place.append(node);
  while (place.children.length > 3) place.firstElementChild.remove();
  setTimeout(close, seconds * 1000);
  return close;
}
