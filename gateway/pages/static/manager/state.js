// What the manager sees of the store now: problems, machines, lanes, streams, refused messages.

import { el, icon, show } from "/shared/dom.js";
import { ago, clock, has, language, t } from "/shared/i18n.js";

/** Problems of the gateway and of every machine, the newest last; an offline machine is one. */
export function problems(status) {
  const gone = status.nodes
    .filter(({ state }) => state === "offline")
    .map((node) => ({
      subject: node.node,
      code: "offline",
      since_ms: node.t_ms,
      message: `${node.node}: ${t("offline")}`,
      hint: t("offline.hint"),
    }));
  const theirs = status.nodes
    .filter(({ state }) => state === "online")
    .flatMap((node) => node.problems.map((problem) => ({ ...problem, node: node.node })));
  return [...status.problems, ...gone, ...theirs].sort((a, b) => a.since_ms - b.since_ms);
}

/** A problem's heading and advice in the person's language, where its subject is one that we know. */
function inWords(problem) {
  const kind = problem.code === "offline" && !problem.subject.includes(".") ? "node" : problem.subject.split(".")[0];
  const heading = has(`is.${kind}`) ? t(`is.${kind}`) : problem.message || problem.code;
  const hint = language() === "zh" && has(`do.${kind}`) ? t(`do.${kind}`) : problem.hint;
  return { heading, hint, detail: heading === problem.message ? "" : problem.message };
}

function alarmCard({ heading, hint, since_ms: since, href }) {
  return el(
    "li",
    { class: "card problem-card alarm" },
    el("b", {}, heading),
    el("p", { class: "hint" }, icon("arrow", 18), hint),
    el(
      "p",
      { class: "problem-foot" },
      el("span", { class: "soft small grow" }, t("since", { time: clock(since) })),
      el("a", { class: "button", href }, t("alarm.look")),
    ),
  );
}

/** The first thing on the page: what is wrong and what to do about it, open `alarms` before all else. */
export function drawWrong(root, status, alarms = []) {
  const wrong = problems(status);
  const count = wrong.length + alarms.length;
  if (!count) {
    show(
      root,
      el(
        "div",
        { class: "verdict well" },
        icon("check", 44),
        el("div", {}, el("h1", {}, t("all-well")), el("p", {}, t("all-well.what"))),
      ),
    );
    return;
  }
  show(
    root,
    el("div", { class: "verdict ill" }, icon("alert", 44), el("h1", {}, t("wrong.n", { n: count }))),
    el(
      "ul",
      { class: "problems" },
      alarms.map(alarmCard),
      wrong.map((problem) => {
        const { heading, hint, detail } = inWords(problem);
        return el(
          "li",
          { class: "card problem-card" },
          el("b", {}, heading),
          hint && el("p", { class: "hint" }, icon("arrow", 18), hint),
          detail && el("p", { class: "small detail" }, detail),
          el(
            "p",
            { class: "soft small" },
            problem.subject,
            problem.node ? ` · ${t("on", { node: problem.node })}` : "",
            ` · ${t("since", { time: clock(problem.since_ms) })}`,
          ),
        );
      }),
    ),
  );
}

const KIND = { open: "good", closed: "plain", opening: "good", closing: "plain", stopped: "warn", unknown: "bad" };

function waitOf({ state, people, wait_low_s: low, wait_high_s: high }) {
  if (state !== "open" && state !== "closing") return "";
  if (people === 0) return t("wait.none");
  if (high === null) return "–";
  const [from, to] = [Math.floor((low ?? 0) / 60), Math.max(1, Math.ceil(high / 60))];
  return from ? t("wait", { low: from, high: to }) : t("wait.upto", { high: to });
}

/** Lanes and doors. */
export function drawLanes(root, { lanes, doors }) {
  if (!lanes.length && !doors.length) {
    show(root, el("p", { class: "soft" }, t("lanes.none")));
    return;
  }
  const byNumber = [...lanes].sort((a, b) => a.lane.localeCompare(b.lane, "en", { numeric: true }));
  show(
    root,
    el(
      "ul",
      { class: "lane-tiles" },
      byNumber.map((lane) =>
        el(
          "li",
          { class: `lane-tile ${lane.state}` },
          el("span", { class: "sign" }, lane.name || lane.lane),
          el("span", { class: `chip ${KIND[lane.state]}` }, t(lane.state)),
          el("b", { class: "lane-wait" }, waitOf(lane) || "–"),
          el("span", { class: "soft small" }, lane.people === null ? "–" : t("people", { n: lane.people })),
        ),
      ),
    ),
    doors.length > 0 &&
      el(
        "ul",
        { class: "rows" },
        doors.map((door) =>
          el(
            "li",
            {},
            el("b", { class: "grow" }, t("door", { name: door.door })),
            el("span", { class: "number" }, `${door.in} ${t("in")} · ${door.out} ${t("left")}`),
            door.inside !== null && el("span", { class: "chip plain" }, t("inside", { n: door.inside })),
          ),
        ),
      ),
  );
}

function size(bytes) {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}

function streamRow(stream) {
  const left = Math.max(0, stream.last - stream.acknowledged);
  return el(
    "li",
    {},
    el("span", { class: "grow" }, t(stream.stream)),
    stream.dropped > 0 && el("span", { class: "chip bad" }, t("dropped", { n: stream.dropped.toLocaleString() })),
    stream.bytes > 0 && el("span", { class: "soft small number" }, t("stored", { size: size(stream.bytes) })),
    el(
      "span",
      { class: `chip ${left > 1000 ? "warn" : "good"}` },
      left ? t("backlog", { n: left.toLocaleString() }) : t("backlog.none"),
    ),
  );
}

/** Every machine: is it there, what ails it, how much it has still to send. */
export function drawNodes(root, { nodes }) {
  if (!nodes.length) {
    show(root, el("p", {}, t("nodes.none")), el("p", { class: "soft small" }, t("nodes.none.hint")));
    return;
  }
  show(
    root,
    nodes.map((node) =>
      el(
        "article",
        { class: "node" },
        el(
          "header",
          {},
          el("b", { class: "grow mono" }, node.node),
          el(
            "span",
            { class: "soft small" },
            node.version,
            " · ",
            t("said", { ago: ago(Math.max(0, (Date.now() - node.t_ms) / 1000)) }),
          ),
          el("span", { class: `chip ${node.state === "online" ? "good" : "bad"}` }, t(node.state)),
        ),
        node.streams.length > 0 && el("ul", { class: "rows tight" }, node.streams.map(streamRow)),
        node.readers.length > 0 && el("ul", { class: "rows tight" }, node.readers.map(readerRow)),
        node.problems.map((problem) => el("p", { class: "small problem" }, problem.message)),
      ),
    ),
  );
}

function readerRow(reader) {
  const strangers = reader.ignored > 0 && ` · ${t("reader.ignored", { n: reader.ignored })}`;
  const odd = reader.elsewhere > 0 && ` · ${t("reader.elsewhere", { n: reader.elsewhere })}`;
  return el(
    "li",
    {},
    el("b", { class: "mono" }, reader.reader),
    el("span", { class: "soft small grow" }, reader.profile, strangers, odd),
    el("span", { class: `chip ${reader.state === "reading" ? "good" : "bad"}` }, t(`reader.is.${reader.state}`)),
  );
}

/** The gateway's own streams. */
export function drawStreams(root, { streams }) {
  show(
    root,
    streams.length
      ? el("ul", { class: "rows tight" }, streams.map(streamRow))
      : el("p", { class: "soft" }, t("streams.none")),
  );
}

/** What was refused: counted for ever by reason, the newest readable. */
export function drawLetters(root, { counts, newest }) {
  const reasons = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  if (!reasons.length) {
    show(root, el("p", { class: "soft" }, t("letters.none")));
    return;
  }
  const opened = new Set([...root.querySelectorAll("details[open]")].map((node) => node.dataset.key));
  show(
    root,
    el(
      "p",
      { class: "reasons" },
      reasons.map(([reason, n]) => el("span", { class: "chip warn" }, `${t(reason)} ${n.toLocaleString()}`)),
    ),
    el(
      "div",
      { class: "letter-list" },
      newest.map((letter) => {
        const key = `${letter.t_ms} ${letter.source} ${letter.reason} ${letter.detail}`;
        return el(
          "details",
          { data: { key }, open: opened.has(key) },
          el(
            "summary",
            {},
            el("span", { class: "soft number" }, clock(letter.t_ms)),
            el("b", {}, t(letter.reason)),
            el("span", { class: "mono grow source" }, letter.source),
          ),
          el(
            "dl",
            {},
            el("dt", {}, t("letters.source")),
            el("dd", { class: "mono" }, letter.source),
            el("dt", {}, t("letters.why")),
            el("dd", {}, letter.detail || letter.reason),
            el("dt", {}, t("letters.body")),
            el("dd", {}, el("pre", {}, letter.body || t("letters.empty"))),
          ),
        );
      }),
    ),
  );
}
