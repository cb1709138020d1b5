// What the screen says, in a shopper's words.

import { t, texts } from "/shared/i18n.js";

texts({
  en: {
    best: "Shortest wait",
    take: "Go here",
    people: "{n} people",
    "people.one": "{n} person",
    nobody: "Nobody waiting",
    open: "Open",
    closed: "Closed",
    opening: "Opening soon",
    stopped: "Stopped",
    unknown: "No data",
    min: "min",
    noWait: "No wait",
    anyOpen: "Take any open checkout",
    allClosed: "All checkouts are closed",
    staff: "Please ask our staff",
    noData: "No current data",
    live: "Live",
    lost: "Connection lost",
  },
  zh: {
    best: "等候最短",
    take: "请到这里",
    people: "{n} 人",
    nobody: "无人排队",
    open: "开放",
    closed: "已关闭",
    opening: "即将开放",
    stopped: "暂停服务",
    unknown: "暂无数据",
    min: "分钟",
    noWait: "无需等候",
    anyOpen: "请选择任一开放的收银台",
    allClosed: "收银台均已关闭",
    staff: "请咨询店员",
    noData: "暂无最新数据",
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

/** The wait as {figure, words}: "2–4" with the unit beside it, or words alone where no figure helps. */
export function wait(lane) {
  const { low_min: low, high_min: high } = lane;
  if (high === null || low === null) return { figure: "–", words: [] };
  if (high === 0) return { figure: "0", words: say("min"), isNone: true };
  if (low >= 60) return { figure: "60+", words: say("min") };
  if (low === 0) return { figure: `< ${high}`, words: say("min") };
  return { figure: low === high ? `${low}` : `${low}–${high}`, words: say("min") };
}
