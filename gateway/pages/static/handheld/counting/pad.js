// A number pad for a thumb, which also takes the digits of a keyboard and the codes of a scanner that types.

import { el, icon, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const MOST_DIGITS = 6; // of a count; more than that is a code
const CODE_DIGITS = 8;

/** Make a pad. `enter(number)` when somebody says so, `scanned(text)` when a scanner typed a code, `skip()`. */
export function pad({ enter, scanned, skip }) {
  let text = "";
  const display = el("output", { class: "pad-number", "aria-live": "polite", "aria-label": t("counting.how-many") });
  const go = el(
    "button",
    { type: "button", class: "key primary", "aria-label": t("counting.next"), disabled: true, onclick: () => send() },
    icon("check", 34),
  );
  const draw = () => {
    show(display, text.slice(-MOST_DIGITS) || el("span", { class: "soft" }, "–"));
    go.disabled = !text;
  };
  const press = (digit) => {
    text = text === "0" ? digit : text + digit;
    draw();
  };
  const back = () => {
    text = text.slice(0, -1);
    draw();
  };
  const send = () => {
    const typed = text;
    text = "";
    draw();
    if (typed.length >= CODE_DIGITS) scanned(typed);
    else if (typed && typed.length <= MOST_DIGITS) enter(Number(typed));
  };
  const typed = ({ key, target, ctrlKey, metaKey, altKey }) => {
    if (!display.isConnected) return removeEventListener("keydown", typed);
    if (ctrlKey || metaKey || altKey || document.querySelector("dialog[open]")) return undefined;
    if (/^\d$/.test(key)) press(key);
    else if (key === "Backspace") back();
    else if (key === "Enter" && !["BUTTON", "A", "SUMMARY"].includes(target.tagName)) send();
    return undefined;
  };
  addEventListener("keydown", typed);
  const digit = (one) =>
    el(
      "button",
      {
        type: "button",
        class: "key",
        onclick: () => text.length < MOST_DIGITS && press(one),
      },
      one,
    );
  draw();
  const number = el(
    "div",
    { class: "pad-line" },
    display,
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": t("counting.delete"), onclick: back },
      icon("delete", 30),
    ),
  );
  const node = el(
    "div",
    { class: "counting-pad" },
    number,
    el(
      "div",
      { class: "pad", role: "group", "aria-label": t("counting.keys") },
      [..."123456789"].map(digit),
      el("button", { type: "button", class: "key quiet skip", onclick: skip }, t("counting.skip")),
      digit("0"),
      go,
    ),
  );
  return node;
}
