// How long something takes or has taken, in words.

import { t } from "/shared/i18n.js";

const STEPS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
];

/** "14 min" for a number of milliseconds: the largest unit that fits, cut off. */
export function span(ms) {
  const [unit, size] = STEPS.find(([, size]) => ms >= size) ?? STEPS.at(-1);
  return t(`span.${unit}`, { n: Math.max(0, Math.floor(ms / size)) });
}
