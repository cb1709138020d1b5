// The handheld: who is here, which view, and what the network does.

import { Unreachable } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, languageButton, onLanguage, t, translate } from "/shared/i18n.js";
import { theme } from "/shared/theme.js";
import { toast } from "/shared/toast.js";
import "/static/handheld/words.js";
import { readCode, readCodes } from "/static/camera.js";
import { acts, onActs, send as sendActs } from "/static/handheld/acts.js";
import { forgetAlarms, onAlarms } from "/static/handheld/alarms/alarms.js";
import { drawBanner } from "/static/handheld/alarms/banner.js";
import { ring } from "/static/handheld/alarms/bell.js";
import { forgetRound } from "/static/handheld/counting/counting.js";
import { counts, onCounts, send as sendCounts } from "/static/handheld/counts.js";
import * as find from "/static/handheld/find.js";
import { onScan } from "/static/handheld/goods/scans.js";
import { clear } from "/static/handheld/kept.js";
import { ask, listen, network, note, onNetwork, onNews, onSignedOut, silence } from "/static/handheld/network.js";
import { remember } from "/static/handheld/people.js";
import { redraw, whenFree } from "/static/handheld/redraw.js";
import * as snapshot from "/static/handheld/snapshot.js";
import { TABS, VIEWS, route } from "/static/handheld/views.js";
import { onWork } from "/static/handheld/work/buttons.js";
import { forgetTasks, onTotals, prepare, totals } from "/static/handheld/work/tasks.js";
import { why } from "/static/refusals.js";
import { SignIn, keptSession } from "/static/session.js";

const TYPING_MS = 180;
const GROWS_MS = 30_000;
const NEWS_MS = 120; // what comes together is drawn once
const root = byId("view");
const q = byId("q");
let session = null;
let drawn = 0;
let shown = ""; // the address of what was drawn last

// --- views --------------------------------------------------------------------------------------------------

async function draw() {
  if (!session) return;
  const { name, rest } = route();
  const mine = ++drawn;
  const isSame = shown === location.hash;
  shown = location.hash;
  drawTabs(name);
  drawField(VIEWS[name].field);
  drawBanner(byId("alarm"));
  try {
    await redraw(root, isSame, () => VIEWS[name].draw(root, rest, { session, signOut }));
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
  const active = VIEWS[name].tab;
  const badge = totals().open;
  show(
    byId("tabs"),
    TABS.map((tab) =>
      el(
        "a",
        {
          href: `#${tab.name}`,
          class: `tab ${tab.name === active ? "active" : ""}`,
          "aria-current": tab.name === active ? "page" : null,
        },
        tab.draw(),
        el("span", {}, t(`tab.${tab.name}`)),
        tab.name === "work" &&
          badge > 0 && [
            el("span", { class: "badge", "aria-hidden": "true" }, badge > 99 ? "99+" : badge),
            el("span", { class: "out-of-sight" }, t("work.badge", { n: badge })),
          ],
      ),
    ),
  );
}

/** The field below: for searching, or for what a view takes from a scanner. */
function drawField(field) {
  byId("search").hidden = !field;
  const text = t(field?.text ?? "find.placeholder");
  q.placeholder = text;
  q.setAttribute("aria-label", text);
  const wants = field?.text ?? "";
  if (q.dataset.wants !== wants) q.value = "";
  q.dataset.wants = wants;
}

async function drawState() {
  const isWaiting = ({ state }) => state === "waiting" || state === "undoing";
  const waiting = session ? [...(await counts()), ...(await acts())].filter(isWaiting).length : 0;
  const banner = byId("banner");
  byId("state").className = `chip ${network.isOnline ? "good" : "warn"}`;
  byId("state").textContent = t(network.isOnline ? "online" : "offline");
  const asOf = snapshot.asOf();
  const text = asOf ? t("offline.as-of", { time: clock(asOf) }) : t("offline.none");
  banner.hidden = !session || (network.isOnline && !waiting);
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
  const { name, rest } = route();
  const { field } = VIEWS[name];
  if (field?.take) {
    if (isFinal && text) field.take(text, rest);
    if (isFinal) q.value = "";
    return;
  }
  if (name !== "find" && text) history.pushState(null, "", "#find");
  shown = location.hash;
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
  const { name, rest } = route();
  const { field } = VIEWS[name];
  if (field?.take) {
    await readCodes(async (code) => field.say(await field.take(code, rest)));
    return;
  }
  const text = await readCode();
  if (!text) return;
  q.value = text;
  search(true);
}

// --- coming and going ---------------------------------------------------------------------------------------

const door = new SignIn(root, enter);

function enter(found) {
  session = found;
  remember(found.clerks ?? [found.clerk]);
  byId("store").textContent = session.store.name || session.store.id;
  byId("dock").hidden = false;
  document.body.classList.add("inside");
  listen();
  snapshot.restore().then(snapshot.keepFresh).then(drawState);
  prepare();
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
  shown = "";
  silence();
  forgetRound();
  byId("dock").hidden = true;
  byId("banner").hidden = true;
  document.body.classList.remove("inside");
}

/** Nothing of the store stays on the device of which nobody is signed in. */
async function forgetAll() {
  snapshot.forget();
  forgetTasks();
  forgetAlarms();
  await clear("kept");
}

/** What waits is this clerk's: it goes first, and without network nobody signs out. */
async function signOut() {
  await sendCounts();
  await sendActs();
  try {
    await ask("DELETE", "/api/session");
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    toast(t("me.out.offline"), { kind: "bad", key: "out" });
    return;
  }
  outside();
  await forgetAll();
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
  clearTimeout(typing); // whoever opened something no longer searches
  // Where a person goes, the keyboard's focus goes; a scanner's field keeps it.
  if (document.activeElement !== q) root.focus({ preventScroll: true });
  show(byId("toasts"));
  draw();
});
onNetwork(() => {
  drawState();
  if (route().name !== "counting") whenFree(draw); // half a number is not taken from anybody
});
onCounts(() => {
  drawState();
  if (["product", "me"].includes(route().name)) whenFree(draw);
});
onActs(() => {
  drawState();
  if (["work", "delivery", "me"].includes(route().name)) whenFree(draw);
});
onWork(draw);
onScan(draw);
onTotals(() => session && drawTabs(route().name));
onAlarms(({ isNew }) => {
  drawBanner(byId("alarm"));
  if (isNew) ring();
});
onSignedOut(async () => {
  if (!session) return;
  outside();
  await door.start();
  // A device that was removed, because it is lost for instance, keeps nothing of the store.
  if (door.session?.device === null) await forgetAll();
});
let told = 0;
onNews((event, data) => {
  const { name, rest } = route();
  // While a sheet is open nothing moves below it.
  if (!VIEWS[name].on[event]?.(data, rest) || document.querySelector("dialog[open]")) return;
  clearTimeout(told);
  told = setTimeout(() => whenFree(draw), NEWS_MS);
});
// What counts down or grows old by itself is drawn anew now and then.
setInterval(() => {
  const isSeen = document.visibilityState === "visible" && !document.querySelector("dialog[open]");
  if (session && isSeen && VIEWS[route().name].grows) whenFree(draw);
}, GROWS_MS);
languageButton(byId("language"));
onLanguage(() => {
  drawState();
  drawBanner(byId("alarm"));
  draw();
});
translate();
drawState();
door.start({ offline: enterKept });
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/handheld-worker.js", { scope: "/handheld" }).catch(() => {}); // only HTTPS may
}
