// Cameras: look through one to set it up, for ten minutes, in this browser alone; and who looked.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { el } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { Feed } from "/static/manager/data.js";
import { why } from "/static/refusals.js";

const LOOKS_SHOWN = 8;

export const cameras = new Feed("/api/cameras");
/** node/camera → address that this manager was given. */
export const links = new Map();

async function look(one, again) {
  try {
    const given = await call("POST", `/api/cameras/${one.node}/${one.camera}/preview`);
    links.set(`${one.node}/${one.camera}`, given);
    setTimeout(() => links.delete(`${one.node}/${one.camera}`), given.until_ms - Date.now());
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    toast(why(error), { kind: "bad", seconds: 12 });
  }
  again();
}

/** The list of cameras and of looks. */
export function drawCameras(again) {
  const { cameras: found, looks } = cameras.value;
  return el(
    "section",
    { class: "card picture" },
    el("h2", {}, t("visitors.cameras")),
    found.length === 0 ? el("p", { class: "soft" }, t("visitors.noCameras")) : null,
    el("ul", { class: "rows" }, found.map((one) => row(one, again))),
    looks.length > 0 && el("h3", {}, t("camera.looks")),
    el(
      "ul",
      { class: "rows small soft" },
      looks
        .slice(0, LOOKS_SHOWN)
        .map((one) =>
          el("li", {}, t("camera.looked", { who: one.by_name ?? one.by, camera: one.camera, when: clock(one.t_ms) })),
        ),
    ),
  );
}

function row(one, again) {
  const given = links.get(`${one.node}/${one.camera}`);
  const hint = one.online ? (one.can_be_seen ? "" : t("camera.hidden")) : t("camera.offline");
  return el(
    "li",
    { class: "camera-row" },
    el("b", {}, one.camera),
    el("span", { class: "soft grow" }, `${one.node} ${hint && `· ${hint}`}`),
    given
      ? el("a", { class: "button primary", href: given.url, target: "_blank", rel: "noreferrer" }, t("camera.open"))
      : el(
          "button",
          { type: "button", disabled: !one.can_be_seen, onclick: () => look(one, again) },
          t("camera.look"),
        ),
    given && el("p", { class: "soft small" }, t("camera.ready")),
  );
}
