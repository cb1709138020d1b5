// A catalogue from a file: its progress while it runs, and what was wrong with which line.

import { call } from "/shared/api.js";
import { byId, el, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";
import { explain } from "/static/session.js";

const LOOK_MS = 300;

function close() {
  byId("import").hidden = true;
}

function closeButton() {
  return el("button", { type: "button", class: "quiet", onclick: close }, t("close"));
}

function progress(state) {
  const isOver = state.state !== "running";
  const title = { running: "importing", done: "imported", stopped: "stopped" }[state.state];
  const wrong = state.wrong > 0 && [el("p", { class: "small" }, t("wrong", { n: state.wrong })),
    el("ul", { class: "wrong small" }, state.errors.map((one) => el("li", {}, el("b", { class: "number" }, t("line", one)), " ", one.message)))];
  show(byId("import"), el("div", { class: "letter-head" }, el("b", { class: "grow" }, t(title, state)), isOver && closeButton()),
    el("progress", { max: Math.max(state.lines, 1), value: state.lines ? state.done : 1 }), wrong);
}

/** Send the file; gives the import's number, or null when it was refused (and says why). */
export async function startImport(file) {
  const place = byId("import");
  place.hidden = false;
  show(place, el("progress", {}));
  try {
    const csv = new Blob([file], { type: "text/csv" });
    const state = await call("POST", "/api/imports", csv, { timeoutMs: 60_000 });
    progress(state);
    return state.import;
  } catch (error) {
    show(place, el("div", { class: "letter-head" }, el("p", { class: "problem grow", role: "alert" }, explain(error)), closeButton()));
    return null;
  }
}

/** Show how the import goes on until it is over; `onStep` after each look. */
export async function followImport(number, onStep) {
  for (;;) {
    const state = await call("GET", `/api/imports/${number}`).catch(() => null);
    if (state) {
      progress(state);
      onStep();
      if (state.state !== "running") return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
