// How long people stay: each zone's mean stay as a bar, and when it was visited.

import { hourIn } from "/shared/chart.js";
import { el, svg } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { bars } from "/static/manager/bars.js";
import { csvLink } from "/static/manager/day.js";

const HOUR_MS = 3_600_000;
const [WIDTH, HEIGHT] = [360, 28];

/** Every zone, the one in which people stayed longest first. */
export function drawZones({ zones, day, time_zone: zone }) {
  const hours = zones.flatMap((one) => one.hours.map(({ t_ms }) => t_ms));
  const [from, to] = [Math.min(...hours), Math.max(...hours) + HOUR_MS];
  return el(
    "section",
    { class: "card picture" },
    el("h2", {}, t("visitors.zones")),
    zones.length === 0
      ? el("p", { class: "soft" }, t("visitors.noZones"))
      : [
          bars(
            zones.map((one) => ({
              label: `${one.zone} · ${t("zone.visits", { n: one.visits })}`,
              value: one.dwell_s ?? 0,
              text: one.dwell_s === null ? "–" : t("seconds", { n: Math.round(one.dwell_s) }),
            })),
          ),
          el("h3", {}, t("zone.when")),
          zones.map((one) => [el("p", { class: "soft small" }, one.zone), strip(one, from, to, hourIn(zone))]),
          el("p", { class: "soft small number" }, `${hourIn(zone)(from)}–${hourIn(zone)(to)}`),
          el("p", { class: "day-files" }, csvLink(`/api/visitors/zones.csv?day=${day}`)),
        ],
  );
}

function strip({ zone, hours }, from, to, hour) {
  const most = Math.max(...hours.map(({ visits }) => visits), 1);
  const wide = (WIDTH * HOUR_MS) / (to - from);
  const said = hours.map((one) => t("zone.hour", { time: hour(one.t_ms), n: one.visits })).join(", ");
  return svg(
    "svg",
    { class: "zone-hours", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${zone}: ${said}` },
    hours.map((one) => {
      const tall = Math.max((one.visits / most) * HEIGHT, one.visits ? 2 : 0);
      const x = ((one.t_ms - from) / (to - from)) * WIDTH;
      const cell = svg("rect", { x: x + 1, y: HEIGHT - tall, width: wide - 2, height: tall });
      cell.append(svg("title", {}, t("zone.hour", { time: hour(one.t_ms), n: one.visits })));
      return cell;
    }),
  );
}
