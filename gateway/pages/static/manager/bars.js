// Amounts as lying bars: the longest first, each with its words and its number.

import { el } from "/shared/dom.js";

/** Bars for `rows` of {label, value, text, mark}; as long as their share of the largest. `mark` names a shape. */
export function bars(rows) {
  const most = Math.max(...rows.map(({ value }) => value), 1);
  return el(
    "ul",
    { class: "bars" },
    rows.map(({ label, value, text, mark = "" }) =>
      el(
        "li",
        {},
        el("span", { class: "bar-label" }, label),
        el(
          "span",
          { class: "bar-track", "aria-hidden": "true" },
          el("i", { class: `bar-fill ${mark}`, style: `--share:${(value / most).toFixed(4)}` }),
        ),
        el("b", { class: "number" }, text),
      ),
    ),
  );
}

/** Sum `amount(line)` by `key(line)`: pairs of key and sum, the largest first. */
export function sums(lines, key, amount) {
  const found = new Map();
  for (const line of lines) found.set(key(line), (found.get(key(line)) ?? 0) + amount(line));
  return [...found].sort((a, b) => b[1] - a[1]);
}
