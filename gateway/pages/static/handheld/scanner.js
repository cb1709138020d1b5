// What stands before a fixed scanner: its basket, as the gateway has it.

import { el, icon, show } from "/shared/dom.js";
import { money, names, t } from "/shared/i18n.js";
import { ask } from "/static/handheld/network.js";

const EVERY_MS = 1000;
const KEY = "aisle.scanner";
let follower = 0;

/** The scanner looked at last, so that its name is typed once. */
export function lastScanner() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

function draw(root, device, basket) {
  const row = (line) => {
    const { first, second } = names(line);
    return el(
      "li",
      {},
      el("span", { class: "sign" }, `${line.quantity}×`),
      el(
        "span",
        { class: "grow" },
        el("b", { class: "block" }, first),
        el("span", { class: "soft small" }, second ? `${second} · ` : "", `${line.on_hand} ${t("on-hand")}`),
      ),
      el("b", { class: "money" }, money(line.line_minor, basket.currency)),
    );
  };
  show(
    root,
    el(
      "article",
      { class: "product" },
      el("header", {}, el("h1", {}, device), el("p", { class: "soft" }, t("scanner.what"))),
      basket.lines.length
        ? el("section", { class: "card" }, el("ul", { class: "rows" }, basket.lines.map(row)))
        : el("div", { class: "empty" }, icon("basket", 72), el("p", {}, t("scanner.empty"))),
      el(
        "p",
        { class: "hand" },
        el("b", { class: "state-word money" }, money(basket.total_minor, basket.currency)),
        basket.member && el("span", {}, `${basket.member.member} · ${basket.member.points} ${t("member.points")}`),
      ),
    ),
  );
}

/** Draw the basket of the scanner `device` into `root`, and follow it as long as it is looked at. */
export async function view(root, device) {
  try {
    localStorage.setItem(KEY, device);
  } catch {
    // typed again next time
  }
  const mine = ++follower;
  const address = location.hash;
  const isLooked = () => mine === follower && location.hash === address;
  const read = () => ask("GET", `/api/devices/${encodeURIComponent(device)}/basket`, undefined, { timeoutMs: 4000 });
  let basket = await read();
  if (isLooked()) draw(root, device, basket);
  (async () => {
    while (isLooked()) {
      await new Promise((wake) => {
        setTimeout(wake, EVERY_MS);
      });
      const now = await read().catch(() => basket); // without network the banner says so, and we try again
      if (isLooked() && JSON.stringify(now) !== JSON.stringify(basket)) draw(root, device, now);
      basket = now;
    }
  })();
}
