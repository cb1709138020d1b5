// English and Chinese: chosen by the browser at first, then by the person, and remembered on this device.

const KEY = "aisle.language";
const LANGUAGES = ["en", "zh"];
const dictionary = { en: {}, zh: {} };
const listeners = new Set();

const AGO = {
  en: { now: "just now", s: "{n} s ago", min: "{n} min ago", h: "{n} h ago", d: "{n} d ago", never: "never" },
  zh: { now: "刚刚", s: "{n} 秒前", min: "{n} 分钟前", h: "{n} 小时前", d: "{n} 天前", never: "从未" },
};

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden; the page works without it
  }
}

function initial() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, remembered(), ...(navigator.languages ?? [])];
  for (const one of wanted) {
    const code = String(one ?? "")
      .slice(0, 2)
      .toLowerCase();
    if (LANGUAGES.includes(code)) return code;
  }
  return "en";
}

let current = initial();

/** The language in use: "en" or "zh". */
export const language = () => current;

/** The tag for Intl and for `lang=`. */
export const locale = () => (current === "zh" ? "zh-CN" : "en-GB");

/** Add a page's texts: `texts({en: {"key": "…{value}…"}, zh: {…}})`. A count has `key.one` beside `key`. */
export function texts(more) {
  for (const code of LANGUAGES) Object.assign(dictionary[code], more[code] ?? {});
}

/** The text of `key` in `code` with `{name}` filled in; with `n: 1` the form `key.one` where there is one. */
export function t(key, values = {}, code = current) {
  const words = dictionary[code];
  const form = values.n === 1 && `${key}.one` in words ? `${key}.one` : key;
  const text = words[form] ?? dictionary.en[form] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Whether there is a text for `key`. */
export const has = (key) => key in dictionary[current];

/** Change the language, remember it, and tell the page. */
export function setLanguage(code) {
  if (!LANGUAGES.includes(code)) return;
  current = code;
  try {
    localStorage.setItem(KEY, code);
  } catch {
    // forgotten at the next visit, that is all
  }
  translate();
  for (const listener of listeners) listener(code);
}

/** Call `listener` after each change of language. */
export const onLanguage = (listener) => listeners.add(listener);

/** Fill every `data-t` (text), `data-t-label` (aria-label) and `data-t-placeholder` below `root`. */
export function translate(root = document) {
  document.documentElement.lang = locale();
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

/** Make `button` switch between the two languages; it names the other one, in that language. */
export function languageButton(button) {
  const label = () => {
    button.textContent = current === "zh" ? "EN" : "中文";
    button.setAttribute("aria-label", current === "zh" ? "Switch to English" : "切换到中文");
  };
  button.addEventListener("click", () => setLanguage(current === "zh" ? "en" : "zh"));
  onLanguage(label);
  label();
}

/** "2 min ago" for an age in seconds. `null` is never. */
export function ago(seconds, code = current) {
  const words = AGO[code];
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return words.never;
  const fit = (text, n) => text.replace("{n}", Math.floor(n));
  if (seconds < 5) return words.now;
  if (seconds < 60) return fit(words.s, seconds);
  if (seconds < 3600) return fit(words.min, seconds / 60);
  if (seconds < 86400) return fit(words.h, seconds / 3600);
  return fit(words.d, seconds / 86400);
}

/** The time of day of `ms` since 1970; with the date when that is not today. */
export function clock(ms) {
  const when = new Date(ms);
  const time = { hour: "2-digit", minute: "2-digit", hour12: false };
  const isToday = when.toDateString() === new Date().toDateString();
  return when.toLocaleString(locale(), isToday ? time : { month: "short", day: "numeric", ...time });
}

/** Money from minor units. */
export function money(minor, currency) {
  if (minor === null || minor === undefined) return "–";
  try {
    const format = new Intl.NumberFormat(locale(), { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch {
    return `${(minor / 100).toFixed(2)} ${currency ?? ""}`; // a currency that this browser does not know
  }
}

/** A product's name in the language in use, then in the other. */
export function names(product) {
  const { name_en: en = "", name_zh: zh = "" } = product;
  const [first, second] = current === "zh" ? [zh, en] : [en, zh];
  return { first: first || second || product.gtin || "–", second: first && second !== first ? second : "" };
}
