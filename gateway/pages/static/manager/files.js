// Files that go up: with progress, and with what was refused of them, line by line.

import { Refusal, Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const LINES_SHOWN = 200;

/** Send `blob`; `onProgress(share)` is told how much of it went. `fetch` cannot say that. */
export function upload(path, blob, onProgress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.timeout = 60_000;
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", blob.type);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    for (const name of ["error", "timeout", "abort"])
      request.addEventListener(name, () => failed(new Unreachable(name)));
    request.addEventListener("load", () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) done(body);
      else failed(new Refusal(request.status, body));
    });
    request.send(blob);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A key that asks for a file and hands it to `take`. */
export function fileKey(label, accept, take) {
  const input = el("input", {
    type: "file",
    accept,
    class: "out-of-sight",
    tabIndex: -1,
    onchange: () => {
      const [file] = input.files;
      input.value = ""; // the same file may be chosen again after it was corrected
      if (file) take(file);
    },
  });
  return el(
    "span",
    {},
    input,
    el("button", { type: "button", onclick: () => input.click() }, icon("upload", 20), label),
  );
}

/** How far a file has gone. Gives what `upload` tells. */
export function progressIn(root, name) {
  const bar = el("progress", { max: 1, "aria-label": name });
  show(root, el("div", { class: "card sending" }, el("p", {}, t("file.sending", { name })), bar));
  return (share) => {
    // All of it is there, but not yet read: a bar that stands at its end would say that it is done.
    if (share < 1) bar.value = share;
    else bar.removeAttribute("value");
  };
}

/** What was refused of a file, by line. */
export function refusedLines(refused) {
  return el(
    "div",
    { class: "refused" },
    el("h3", {}, t("file.refused", { n: refused.length })),
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, el("th", {}, t("file.line")), el("th", {}, t("file.why")))),
      el(
        "tbody",
        {},
        refused
          .slice(0, LINES_SHOWN)
          .map(({ line, why }) => el("tr", {}, el("td", { class: "number" }, line), el("td", {}, why))),
      ),
    ),
    refused.length > LINES_SHOWN && el("p", { class: "soft" }, t("file.more", { n: refused.length - LINES_SHOWN })),
    el("p", { class: "soft" }, t("file.correct")),
  );
}
