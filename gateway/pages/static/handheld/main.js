// The handheld: who is here, which view, and what the network does.

import { Unreachable } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, languageButton, onLanguage, t, translate } from "/shared/i18n.js";
import { theme } from "/shared/theme.js";
import { toast } from "/shared/toast.js";
import "/static/handheld/words.js";
import { readCode } from "/static/camera.js";
import { counts, onCounts, send } from "/static/handheld/counts.js";
import * as find from "/static/handheld/find.js";
import * as item from "/static/handheld/item.js";
import * as me from "/static/handheld/me.js";
import * as members from "/static/handheld/members.js";
import { listen, network, note, onNetwork, onNews, onSignedOut, silence } from "/static/handheld/network.js";
import * as product from "/static/handheld/product.js";
import * as scanner from "/static/handheld/scanner.js";
import * as snapshot from "/static/handheld/snapshot.js";
import { why } from "/static/refusals.js";
import { SignIn, keptSession } from "/static/session.js";

const TYPING_MS = 180;
const TABS = [
  ["find", "search"],
  ["members", "card"],
  ["me", "person"],
];
const root = byId("view");
const q = byId("q");
let session = null;
let drawn = 0;

// --- views --------------------------------------------------------------------------------------------------

const route = () => {
  const [name, argument = ""] = location.hash.slice(1).split("/", 2);
  return [
    ["find", "members", "me", "product", "item", "scanner"].includes(name) ? name : "find",
    decodeURIComponent(argument),
  ];
};

const VIEWS = {
  find: () => find.view(root),
  product: (gtin) => product.view(root, gtin),
  item: (epc) => item.view(root, epc),
  members: () => members.view(root),
  scanner: (device) => scanner.view(root, device),
  me: () => me.view(root, session, signOut),
};

async function draw() {
  if (!session) return;
  const [name, argument] = route();
  const mine = ++drawn;
  drawTabs(name);
  byId("search").hidden = ["members", "me", "scanner"].includes(name);
  try {
    await VIEWS[name](argument);
  } catch (error) {
    if (mine !== drawn) return;
    const text = error instanceof Unreachable ? t("offline.none") : why(error);
    show(
      root,
      el(
        "div",
        { class: "empty" },
        icon("alert", 72),
        el("h1", {}, t("problem")),
        el("p", {}, text),
        el("button", { type: "button", onclick: draw }, t("retry")),
      ),
    );
  }
}

function drawTabs(name) {
  const active = { product: "find", item: "find", scanner: "me" }[name] ?? name;
  show(
    byId("tabs"),
    TABS.map(([tab, picture]) =>
      el(
        "a",
        {
          href: `#${tab}`,
          class: `tab ${tab === active ? "active" : ""}`,
          "aria-current": tab === active ? "page" : null,
        },
        icon(picture),
        el("span", {}, t(`tab.${tab}`)),
      ),
    ),
  );
}

async function drawState() {
  const waiting = session
    ? (await counts()).filter(({ state }) => state === "waiting" || state === "undoing").length
    : 0;
  const banner = byId("banner");
  byId("state").className = `chip ${network.isOnline ? "good" : "warn"}`;
  byId("state").textContent = t(network.isOnline ? "online" : "offline");
  const asOf = snapshot.asOf();
  const text = asOf ? t("offline.as-of", { time: clock(asOf) }) : t("offline.none");
  banner.hidden = network.isOnline && !waiting;
  show(
    banner,
    icon("alert", 20),
    el("span", { class: "grow" }, network.isOnline ? "" : text),
    waiting > 0 && el("a", { href: "#me", class: "waiting" }, t("offline.waiting", { n: waiting })),
  );
}

// --- searching: a scanner types and presses Enter, wherever the focus is ------------------------------------

let typing = 0;

function search(isFinal) {
  clearTimeout(typing);
  const text = q.value.trim();
  if (route()[0] !== "find" && text) history.pushState(null, "", "#find");
  drawTabs("find");
  find.run(root, text, { isFinal });
  if (isFinal) q.select();
}

function toSearch({ key, target, ctrlKey, metaKey, altKey }) {
  if (!session || byId("search").hidden || ctrlKey || metaKey || altKey || document.querySelector("dialog[open]"))
    return;
  if (key.length === 1 && target !== q && !/^(input|textarea|select)$/i.test(target.tagName)) {
    if (document.activeElement !== q) q.value = "";
    q.focus();
  }
}

async function scan() {
  const text = await readCode();
  if (!text) return;
  q.value = text;
  search(true);
}

// --- coming and going ---------------------------------------------------------------------------------------

const door = new SignIn(root, enter);

function enter(found) {
  session = found;
  byId("store").textContent = session.store.name || session.store.id;
  byId("dock").hidden = false;
  document.body.classList.add("inside");
  listen();
  snapshot.restore().then(snapshot.keepFresh).then(drawState);
  drawState();
  draw();
}

/** No network at the start: whoever was signed in here may still look things up in what is kept. */
async function enterKept() {
  note(false);
  const kept = keptSession();
  await snapshot.restore();
  if (kept && snapshot.size()) enter(kept);
  else door.start();
}

function outside() {
  session = null;
  silence();
  byId("dock").hidden = true;
  byId("banner").hidden = true;
  document.body.classList.remove("inside");
}

/** Counts that wait are this clerk's: they go first, and without network nobody signs out. */
async function signOut() {
  await send();
  if (!network.isOnline) {
    toast(t("me.out.offline"), { kind: "bad", key: "out" });
    return;
  }
  outside();
  await snapshot.forget();
  await door.leave();
}

const stepTheme = theme("handheld", "dark");
show(byId("theme"), icon("sun"));
show(byId("scan"), icon("camera", 28));
byId("theme").addEventListener("click", stepTheme);
byId("scan").addEventListener("click", scan);
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search(true);
});
q.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => search(false), TYPING_MS);
});
addEventListener("keydown", toSearch);
addEventListener("hashchange", () => {
  show(byId("toasts"));
  draw();
});
onNetwork(() => {
  drawState();
  draw();
});
onCounts(() => {
  drawState();
  if (["product", "me"].includes(route()[0])) draw();
});
onSignedOut(async () => {
  if (!session) return;
  outside();
  await door.start();
  // A device that was removed, because it is lost for instance, keeps nothing of the store.
  if (door.session?.device === null) await snapshot.forget();
});
onNews((name, gtins) => {
  const [view, gtin] = route();
  const isShown = view === "find" || (view === "product" && (!gtins.length || gtins.includes(gtin)));
  // While a sheet is open nothing moves below it.
  if (name === "stock" && isShown && !document.querySelector("dialog[open]")) draw();
});
languageButton(byId("language"));
onLanguage(() => {
  drawState();
  draw();
});
translate();
drawState();
door.start({ offline: enterKept });
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/handheld-worker.js", { scope: "/handheld" }).catch(() => {}); // only HTTPS may
}
