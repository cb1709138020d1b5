// How sure a place is, as a word and a small picture: bars that fill, or a question mark where nobody can tell.

import { el, svg } from "/shared/dom.js";
import { ago, t } from "/shared/i18n.js";

/** The picture alone: three bars, filled as far as `p` goes; its shape differs by state, not only its colour. */
export function bars({ state, p }) {
  if (state === "unknown") {
    return svg(
      "svg",
      { viewBox: "0 0 26 26", class: "bars unknown", "aria-hidden": "true" },
      svg("circle", {
        cx: 13,
        cy: 13,
        r: 11,
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 2,
        "stroke-dasharray": "4 3",
      }),
      svg("path", {
        d: "M9.6 10.4a3.4 3.4 0 1 1 5 3c-1.2.7-1.6 1.2-1.6 2.4M13 19v.4",
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 2.4,
        "stroke-linecap": "round",
      }),
    );
  }
  const filled = state === "sure" ? 3 : p >= 0.5 ? 2 : 1;
  return svg(
    "svg",
    { viewBox: "0 0 26 26", class: `bars ${state}`, "aria-hidden": "true" },
    [0, 1, 2].map((at) =>
      svg("rect", {
        x: 2 + at * 8,
        y: 17 - at * 7,
        width: 6,
        height: 8 + at * 7,
        rx: 1.5,
        fill: at < filled ? "currentColor" : "none",
        stroke: "currentColor",
        "stroke-width": 1.6,
      }),
    ),
  );
}

/** "97 % likely"; nothing is said to be certain that was only measured. */
export const likely = (p) => (p >= 0.995 ? t("sure.over") : t("sure.of", { p: Math.round(p * 100) }));

/** Picture and words of one place. */
export function sureness(place, isTagged, now) {
  const age = ago(Math.max(0, (now - place.last_seen_ms) / 1000));
  return el(
    "span",
    { class: `how ${place.state}` },
    bars(place),
    el(
      "span",
      {},
      el("b", {}, t(place.state)),
      place.state === "unsure" && el("span", { class: "soft" }, " · ", likely(place.p)),
      el("span", { class: "soft" }, " · ", t(isTagged && place.kind === "shelf" ? "seen" : "counted", { ago: age })),
    ),
  );
}

/** The name of a place for people. */
export const placeName = ({ place, kind }) => (kind === "shelf" ? t("shelf", { place }) : t(kind));
