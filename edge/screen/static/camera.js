// A camera as its manager sets it up: the newest frame, what the camera takes for lanes, doors and people, and drawing.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { byId, el, show, svg } from "/shared/dom.js";
import { languageButton, onLanguage, t, texts, translate } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";

texts({
  en: {
    left: "{n} s left",
    waiting: "Waiting for a picture…",
    lost: "The node does not answer.",
    draw: "Draw",
    drawHelp: "Touch the corners of a lane, a zone or the ends of a door on the picture, then copy the line to edge.toml.",
    copy: "Copy",
    copied: "Copied.",
    undo: "Take back the last corner",
    clear: "Begin anew",
    nothing: "Touch the picture.",
    privacy: "Shown here alone, for a few minutes. No picture is stored or sent anywhere else; that you looked is logged.",
    people: "{id}: {n}",
  },
  zh: {
    left: "剩余 {n} 秒",
    waiting: "正在等待画面…",
    lost: "节点没有应答。",
    draw: "绘制",
    drawHelp: "在画面上点出通道、区域的各个角，或门线的两端，然后把这一行复制到 edge.toml。",
    copy: "复制",
    copied: "已复制。",
    undo: "撤销上一个角",
    clear: "重新开始",
    nothing: "请点击画面。",
    privacy: "仅在此处显示几分钟。画面不会被保存或发送到别处；您的查看会被记录。",
    people: "{id}：{n}",
  },
});

const camera = location.pathname.split("/")[2] ?? "";
const EVERY_MS = 1000;
let corners = [];
let scene = null;
let picture = null; // the newest, as an object URL

async function look() {
  try {
    scene = await call("GET", `/cameras/${camera}/scene`);
    const answer = await fetch(`/cameras/${camera}/picture`, { cache: "no-store", credentials: "same-origin" });
    if (answer.ok) await hang(await answer.blob());
    say(answer.ok ? "" : t("waiting"));
  } catch (error) {
    if (error instanceof Refusal) return end(`${error.message} ${error.hint}`);
    if (!(error instanceof Unreachable) && !(error instanceof TypeError)) throw error;
    say(t("lost"));
  }
  setTimeout(look, EVERY_MS);
  return undefined;
}

async function hang(blob) {
  const before = picture;
  picture = URL.createObjectURL(blob);
  const image = el("img", { src: picture, alt: "" });
  await image.decode();
  byId("stage").style.setProperty("--shape", image.naturalWidth / image.naturalHeight);
  byId("stage").hidden = byId("draw").hidden = false;
  show(byId("stage"), image, drawing(image.naturalWidth, image.naturalHeight));
  byId("left").textContent = t("left", { n: scene.left_s });
  if (before) URL.revokeObjectURL(before);
}

function end(text) {
  byId("stage").hidden = byId("draw").hidden = true;
  byId("left").textContent = "";
  if (picture) URL.revokeObjectURL(picture);
  show(byId("stage"));
  say(text);
}

const say = (text) => (byId("say").textContent = text);

function drawing(width, height) {
  const points = (polygon) => polygon.map(([x, y]) => `${x * width},${y * height}`).join(" ");
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" });
  const polygon = (corners_, name) => node.append(svg("polygon", { points: points(corners_), class: name }));
  const label = ([x, y], text) => node.append(svg("text", { x: x * width + 4, y: y * height + 18 }, text));
  for (const zone of scene.zones) {
    polygon(zone.polygon, "zone");
    label(zone.polygon[0], zone.id);
  }
  for (const staff of scene.staff) polygon(staff, "staff");
  for (const lane of scene.lanes) {
    polygon(lane.polygon, "lane");
    if (lane.till) polygon(lane.till, "till");
    label(lane.polygon[0], t("people", { id: lane.id, n: scene.counts[lane.id] ?? "–" }));
  }
  for (const door of scene.doors) {
    node.append(svg("polyline", { points: points(door.line), class: "door" }));
    label(door.line[0], door.id);
  }
  for (const [x0, y0, x1, y1] of scene.people) {
    const box = { x: x0 * width, y: y0 * height, width: (x1 - x0) * width, height: (y1 - y0) * height };
    node.append(svg("rect", { ...box, class: "person" }));
  }
  if (corners.length > 0) polygon(corners, "drawn");
  for (const [x, y] of corners) node.append(svg("circle", { cx: x * width, cy: y * height, r: 5, class: "drawn" }));
  return node;
}

function touch(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (value) => Math.round(Math.min(Math.max(value, 0), 1) * 1000) / 1000;
  corners = [...corners, [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)]];
  write();
}

const line = () =>
  `${corners.length === 2 ? "line" : "polygon"} = [${corners.map(([x, y]) => `[${x}, ${y}]`).join(", ")}]`;

const write = () => (byId("toml").textContent = corners.length > 0 ? line() : t("nothing"));

async function copy() {
  try {
    await navigator.clipboard.writeText(line());
  } catch {
    getSelection().selectAllChildren(byId("toml")); // without HTTPS a browser lets nobody write its clipboard
    document.execCommand("copy");
  }
  toast(t("copied"));
}

byId("camera").textContent = camera;
byId("stage").addEventListener("click", touch);
byId("copy").addEventListener("click", copy);
byId("undo").addEventListener("click", () => ((corners = corners.slice(0, -1)), write()));
byId("clear").addEventListener("click", () => ((corners = []), write()));
languageButton(byId("language"));
onLanguage(write);
translate();
write();
say(t("waiting"));
look();
