// A day's footfall by hour as a small picture: bars, the present hour bright, hours to come as a line.

import { el, svg } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const FIRST = 6;
const LAST = 22;
const WIDTH = 340;
const HEIGHT = 84;
const FLOOR = HEIGHT - 16;

/** The hours to show: the day's usual ones, and earlier or later ones where somebody came. */
function span(hours) {
  const busy = hours.flatMap((n, hour) => (n > 0 ? [hour] : []));
  return [Math.min(FIRST, ...busy), Math.max(LAST, ...busy)];
}

/** `hours` are 24 counts; `now` is the present hour there, or null for another day. */
export function footfallPicture(hours, now) {
  const [first, last] = span(hours);
  const step = WIDTH / (last - first + 1);
  const most = Math.max(...hours, 1);
  const said = hours.flatMap((n, hour) => (n > 0 ? [t("at-hour", { hour, n })] : [])).join(", ");
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "hours", role: "img",
    "aria-label": t("footfall-hours", { hours: said || "0" }) });
  for (let hour = first; hour <= last; hour += 1) {
    const x = (hour - first) * step;
    const tall = hours[hour] > 0 ? Math.max((hours[hour] / most) * (FLOOR - 14), 4) : 2;
    const when = now !== null && hour > now ? "later" : hour === now ? "now" : "past";
    picture.append(svg("rect", { x: x + step * 0.14, y: FLOOR - tall, width: step * 0.72, height: tall, rx: 2.5, class: when }));
    if (hours[hour] === most) {
      picture.append(svg("text", { x: x + step / 2, y: FLOOR - tall - 4, class: "peak" }, hours[hour]));
    }
    if (hour % 4 === 0) picture.append(svg("text", { x: x + step / 2, y: HEIGHT - 3, class: "tick" }, `${hour}`));
  }
  return picture;
}

/** What stands in the picture's place on a day without anybody. */
export function noFootfall() {
  return el("p", { class: "soft small quiet-line" }, t("no-footfall"));
}
