// What the screen says, in a shopper's words.

import { t, texts } from "/shared/i18n.js";

texts({
  en: {
    best: "Shortest wait",
    take: "Go here",
    people: "{n} people",
    "people.one": "{n} person",
    open: "Open",
    closed: "Closed",
    opening: "Opening soon",
    closing: "Closing",
    another: "Please choose another",
    inLine: "{wait} min",
    stopped: "Not moving",
    broken: "{n} of {of} out of order",
    unknown: "Wait not known",
    min: "min",
    under: "under",
    over: "over",
    noWait: "No wait",
    "says.under": "less than {n} minutes",
    "says.under.one": "less than a minute",
    "says.over": "more than {n} minutes",
    "says.about": "about {n} minutes",
    "says.about.one": "about a minute",
    "says.range": "{low} to {high} minutes",
    anyOpen: "Take any open checkout",
    "anyOpen.do": "The waits are not known right now",
    soonOpen: "A checkout opens soon",
    "soonOpen.do": "Somebody is on the way",
    noneTaking: "No checkout takes new shoppers right now",
    "noneTaking.do": "Please ask our staff",
    allClosed: "All checkouts are closed",
    "allClosed.do": "Please ask our staff",
    noData: "The waits are not known right now",
    "noData.do": "Any open checkout will serve you",
    noLanes: "No checkout is set up yet",
    "noLanes.do": "Lanes are named in this screen's edge.toml",
    live: "Live",
    lost: "Connection lost",
  },
  zh: {
    best: "等候最短",
    take: "请到这里",
    people: "{n} 人",
    open: "开放",
    closed: "已关闭",
    opening: "即将开放",
    closing: "即将关闭",
    another: "请选择其他收银台",
    inLine: "{wait} 分钟",
    stopped: "暂时停滞",
    broken: "{of} 台中 {n} 台故障",
    unknown: "等候时间未知",
    min: "分钟",
    under: "不到",
    over: "超过",
    noWait: "无需等候",
    "says.under": "不到 {n} 分钟",
    "says.over": "超过 {n} 分钟",
    "says.about": "约 {n} 分钟",
    "says.range": "{low} 到 {high} 分钟",
    anyOpen: "请选择任一开放的收银台",
    "anyOpen.do": "暂时无法获知等候时间",
    soonOpen: "收银台即将开放",
    "soonOpen.do": "店员正在赶来",
    noneTaking: "目前没有可用的收银台",
    "noneTaking.do": "请咨询店员",
    allClosed: "收银台均已关闭",
    "allClosed.do": "请咨询店员",
    noData: "暂时无法获知等候时间",
    "noData.do": "请前往任一开放的收银台",
    noLanes: "尚未设置收银台",
    "noLanes.do": "请在本屏幕的 edge.toml 中添加收银台",
    live: "实时",
    lost: "连接中断",
  },
});

const KEY = "aisle.screen.language";
const MODES = ["both-en", "both-zh", "en", "zh"];

/** Which languages the screen shows, the first one large: ["en", "zh"], ["zh"], … */
export function languages() {
  return { "both-en": ["en", "zh"], "both-zh": ["zh", "en"], en: ["en"], zh: ["zh"] }[mode];
}

function firstMode() {
  const asked = new URLSearchParams(location.search).get("lang");
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // not remembered; the store can put ?lang= into the address
  }
  const browser = navigator.language?.startsWith("zh") ? "both-zh" : "both-en";
  return [asked, kept].find((one) => MODES.includes(one)) ?? browser;
}

let mode = firstMode();

/** The next choice of languages, remembered. */
export function nextLanguages() {
  mode = MODES[(MODES.indexOf(mode) + 1) % MODES.length];
  try {
    localStorage.setItem(KEY, mode);
  } catch {
    // as above
  }
}

/** How the button names the languages shown. */
export const languageLabel = () =>
  languages()
    .map((code) => (code === "zh" ? "中文" : "EN"))
    .join(" + ");

/** The text in each language shown: [["en", "Open"], ["zh", "开放"]]. */
export const say = (key, values) => languages().map((code) => [code, t(key, values, code)]);

/** The wait as what stands before the figure, the figure, its unit, and all of it in one text ("2–4 min"). */
export function wait({ low_min: low, high_min: high }) {
  if (high === null || low === null) return { before: [], figure: "–", unit: [], text: "–" };
  const unit = say("min");
  if (low >= 60) return { before: say("over"), figure: "60", unit, text: "> 60" };
  if (low === 0) return { before: say("under"), figure: `${high}`, unit, text: `< ${high}` };
  const figure = low === high ? `${low}` : `${low}–${high}`;
  return { before: [], figure, unit, text: figure };
}

/** The wait as somebody would say it, for those who listen. */
export function spoken({ low_min: low, high_min: high }) {
  if (high === null || low === null) return say("unknown");
  if (low >= 60) return say("says.over", { n: 60 });
  if (low === 0) return say("says.under", { n: high });
  return low === high ? say("says.about", { n: low }) : say("says.range", { low, high });
}
