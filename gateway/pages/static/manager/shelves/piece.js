// "Why do you think so": one tagged piece, and what became of it step by step, each with its evidence.

import { call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { clock, has, names, t } from "/shared/i18n.js";
import { age } from "/static/manager/data.js";
import { percent } from "/static/manager/shelves/picture.js";
import { why } from "/static/refusals.js";

/** One thing that is known, in the person's language; what a later gateway adds shows as it is. */
function evidenceText([key, value]) {
  if (value === null || value === undefined || value === "") return "";
  const said = {
    read_rate: () => percent(value),
    last_read_ms: () => clock(value),
    rssi_dbm: () => `${Math.round(value)} dBm`,
    reason: () => (has(`reason.${value}`) ? t(`reason.${value}`) : value),
  }[key];
  const label = has(`evidence.${key}`) ? t(`evidence.${key}`) : key;
  return `${label} ${said ? said() : value}`;
}

const stateText = (state) => (has(`life.${state}`) ? t(`life.${state}`) : state);
const eventText = (event) => (has(`event.${event}`) ? t(`event.${event}`) : event);

function step(change) {
  const evidence = Object.entries(change.evidence ?? {})
    .map(evidenceText)
    .filter(Boolean)
    .join(" · ");
  return el(
    "li",
    {},
    el("span", { class: "soft number when" }, clock(change.t_ms)),
    el(
      "span",
      { class: "grow" },
      el("b", {}, eventText(change.event ?? change.kind)),
      ` ${change.place ?? ""}`,
      evidence && el("span", { class: "soft small block" }, evidence),
    ),
    el("span", { class: "number" }, percent(change.p)),
  );
}

function inFull(item) {
  const { first, second } = names(item);
  return [
    el("h2", {}, first),
    second && el("p", { class: "soft" }, second),
    el("p", { class: "mono soft small" }, item.epc),
    el(
      "p",
      { class: "now-line" },
      el("b", {}, stateText(item.state), " · ", item.place),
      el("span", { class: "number" }, percent(item.p)),
      el("span", { class: "soft" }, age(item.last_seen_ms, "seen.ago")),
    ),
    item.belongs?.length > 0 && el("p", { class: "soft" }, t("piece.belongs", { shelves: item.belongs.join(", ") })),
    el("h3", {}, t("piece.why")),
    el("ol", { class: "steps" }, item.history.map(step)),
  ];
}

/** Show one piece. */
export async function whyDialog(epc) {
  const body = el("div", { class: "piece-body", "aria-live": "polite" }, el("p", { class: "skeleton" }, "…"));
  const dialog = el(
    "dialog",
    { class: "card ask wide-ask", onclose: () => dialog.remove() },
    el(
      "button",
      { type: "button", class: "quiet close", "aria-label": t("close"), onclick: () => dialog.close() },
      icon("cross", 22),
    ),
    body,
  );
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  try {
    show(body, inFull(await call("GET", `/api/items/${encodeURIComponent(epc)}`)));
  } catch (error) {
    show(body, el("p", { class: "problem" }, why(error)));
  }
}
