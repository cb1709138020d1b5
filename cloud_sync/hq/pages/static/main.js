// Headquarters' page: who is signed in, which view, and the live line that feeds it.

import { byId, icon, show } from "/shared/dom.js";
import { clock, languageButton, onLanguage, t, translate } from "/shared/i18n.js";
import { Live } from "/shared/live.js";
import { theme } from "/shared/theme.js";
import { knowStores, showDay } from "/static/days.js";
import { showGoods } from "/static/goods.js";
import { closeProducts, openProducts, showProducts } from "/static/products.js";
import { showRefused } from "/static/refused.js";
import { askToSignIn, session } from "/static/session.js";
import { showStores } from "/static/stores.js";
import "/static/words.js";

const VIEWS = ["stores", "days", "products", "goods", "refused"];
let live = null;
let heardMs = null;

function view() {
  const [wanted] = location.hash.slice(1).split("/");
  return VIEWS.includes(wanted) ? wanted : "stores";
}

function showView() {
  for (const name of VIEWS) byId(`view-${name}`).hidden = name !== view();
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === `#${view()}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (byId("signed-in").hidden) return;
  if (view() === "products") openProducts();
  else closeProducts();
  if (view() === "days") showDay();
  if (view() === "goods") showGoods();
  if (view() === "refused") showRefused();
}

function showState() {
  const isLive = live?.state === "live";
  byId("fresh").textContent = live ? t(isLive ? "live" : "waiting") : "";
  const lost = byId("lost");
  lost.hidden = !live || isLive || heardMs === null;
  if (!lost.hidden) show(lost, icon("alert", 20), t("lost", { time: clock(heardMs) }));
}

function hear(name, data) {
  if (name === "signed-out") {
    hangUp();
    askToSignIn(t("signed-out"));
  } else if (name === "overview") {
    heardMs = Date.now();
    showStores(data);
    knowStores(data);
    showState();
  }
}

function listen() {
  heardMs = null;
  live ??= new Live("/api/events", { onEvent: hear, onState: showState, names: ["overview", "signed-out"], silentAfterMs: 25_000 });
  showView();
  showState();
}

function hangUp() {
  live?.close();
  live = null;
  showState();
}

const nextTheme = theme("hq");
show(byId("theme"), icon("sun", 22));
show(byId("sign-out"), icon("out", 22));
byId("theme").addEventListener("click", nextTheme);
languageButton(byId("language"));
translate();
document.title = `Aisle · ${t("title")}`;
onLanguage(() => {
  document.title = `Aisle · ${t("title")}`;
  showStores();
  showProducts();
  showView();
  showState();
});
addEventListener("hashchange", showView);
showView();
session(listen, hangUp);
