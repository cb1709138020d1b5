// The shopper's page: scan, see the price, see the total. One hand.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { languageButton, money, names, onLanguage, t, translate } from "/shared/i18n.js";
import { Live } from "/shared/live.js";
import { theme } from "/shared/theme.js";
import { toast } from "/shared/toast.js";
import { readCode } from "/static/camera.js";
import { why } from "/static/refusals.js";
import { InLine } from "/static/shop/line.js";
import { Scans } from "/static/shop/scans.js";
import "/static/shop/words.js";

const FEW = 5;
let basket = null;
let isOnline = true;

const scans = new Scans({ onBasket: arrived, onRefused: refused, onNetwork: network });

const inLine = new InLine({
  onBasket: (now) => arrived(now, null),
  onFail: (error) => (error instanceof Unreachable ? network(false) : failed(error)),
  onChange: draw,
});

function failed(error) {
  toast(t("problem", { why: why(error) }), { kind: "bad", key: "said" });
}

function network(now) {
  isOnline = now;
  draw();
}

function arrived(found, scan) {
  const before = new Map((basket?.lines ?? []).map((line) => [line.gtin, line.quantity]));
  const hadMember = Boolean(basket?.member);
  basket = found;
  network(true);
  const line = found.lines.find(({ gtin, quantity }) => quantity > (before.get(gtin) ?? 0));
  if (line) {
    toast(t("added", { name: names(line).first }), {
      key: "said",
      action: { label: t("undo"), run: () => remove(line, false) },
    });
    document.querySelector(`[data-gtin="${CSS.escape(line.gtin)}"]`)?.scrollIntoView({ block: "nearest" });
  } else if (found.member && !hadMember) toast(t("member.added"), { key: "said" });
  return scan;
}

function refused(error, scan) {
  toast(
    error.code === "unknown_product" || error.code === "bad_code"
      ? `${t("unknown")} (${scan.text.slice(0, 40)})`
      : t("problem", { why: why(error) }),
    { kind: "bad", seconds: 7, key: "said" },
  );
  network(true);
}

async function remove(line, mayUndo = true) {
  const { first } = names(line);
  try {
    basket = await call("DELETE", `/api/baskets/mine/lines/${line.n}`);
    network(true);
  } catch (error) {
    if (error instanceof Unreachable) return network(false);
    return toast(t("problem", { why: why(error) }), { kind: "bad", key: "said" });
  }
  if (mayUndo)
    toast(t("removed", { name: first }), {
      key: "said",
      seconds: 8,
      action: { label: t("undo"), run: () => scans.add(line.gtin) },
    });
  return undefined;
}

async function put(text) {
  await scans.add(text);
  draw();
}

// --- drawing ------------------------------------------------------------------------------------------------

function stock({ on_hand: left }) {
  if (left <= 0) return el("span", { class: "chip warn" }, t("left.none"));
  if (left <= FEW) return el("span", { class: "chip warn" }, t("left.few", { n: left }));
  return el("span", { class: "soft small" }, t("left", { n: left }));
}

function row(line) {
  const { first, second } = names(line);
  return el(
    "li",
    { class: "line card", data: { gtin: line.gtin } },
    el("span", { class: "sign quantity" }, `${line.quantity}×`),
    el(
      "span",
      { class: "grow" },
      el("b", { class: "first" }, first),
      second && el("span", { class: "second" }, second),
      el(
        "span",
        { class: "under" },
        line.quantity > 1 &&
          el("span", { class: "soft small" }, t("each", { price: money(line.price_minor, basket.currency) })),
        stock(line),
      ),
    ),
    el("b", { class: "money price" }, money(line.line_minor, basket.currency)),
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": t("remove", { name: first }), onclick: () => remove(line) },
      icon("bin"),
    ),
  );
}

function draw() {
  const lines = basket?.lines ?? [];
  byId("banner").hidden = isOnline;
  show(byId("banner"), icon("alert", 20), t("offline"));
  const waiting = isOnline ? [] : scans.waiting;
  show(
    byId("basket"),
    lines.length || waiting.length
      ? el(
          "ul",
          { class: "lines" },
          lines.map(row),
          waiting.map((scan) =>
            el(
              "li",
              { class: "line card" },
              el("span", { class: "grow mono" }, scan.text),
              el("span", { class: "chip warn" }, t("waiting")),
            ),
          ),
        )
      : el("div", { class: "empty" }, icon("basket", 72), el("h2", {}, t("empty")), el("p", {}, t("empty.hint"))),
  );
  show(byId("line"), isOnline && inLine.draw(basket));
  byId("total").textContent = basket ? money(basket.total_minor, basket.currency) : "–";
  byId("member").hidden = !basket?.member;
  byId("member").textContent = basket?.member ? t("points", { n: basket.member.points }) : "";
  show(byId("scan"), icon("camera", 28), t("scan"));
}

// --- running ------------------------------------------------------------------------------------------------

let live = null;

/** The till sold just what is in the basket. */
function paid() {
  toast(t("paid"), { key: "said", seconds: 10 });
  live.close();
  live = null;
  return start();
}

/** The basket of this phone; a new one when there is none (any more). */
async function start() {
  try {
    basket = await call("GET", "/api/baskets/mine").catch((error) => {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
      return call("POST", "/api/baskets");
    });
    network(true);
    live ??= new Live("/api/baskets/mine/events", {
      names: ["basket"],
      onEvent: (_name, now) => {
        if (now.is_paid) return paid();
        basket = now;
        network(true);
      },
      onState: (state) => (state === "live" ? network(true) : start()),
      silentAfterMs: 90_000,
    });
    await scans.begin();
  } catch (error) {
    if (!(error instanceof Unreachable)) toast(t("problem", { why: why(error) }), { kind: "bad", key: "said" });
    network(false);
    clearTimeout(start.again);
    start.again = setTimeout(start, 3000);
  }
}

const stepTheme = theme("shop");
show(byId("theme"), icon("sun"));
byId("theme").addEventListener("click", stepTheme);
byId("scan").addEventListener("click", async () => {
  const text = await readCode();
  if (text) await put(text);
});
byId("typed").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = byId("code").value.trim();
  byId("code").value = "";
  if (text) await put(text);
});
languageButton(byId("language"));
onLanguage(draw);
translate();
draw();
start();
