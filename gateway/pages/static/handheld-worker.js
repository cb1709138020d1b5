// Keeps the handheld's own files, so that the page opens in a stockroom without network. Data is not kept here:
// that is in IndexedDB, with its date. The network comes first, so that an update is seen at once.

const NAME = "aisle-handheld-2";
const PATIENCE_MS = 2500;
const FILES = [
  "/handheld",
  "/handheld.webmanifest",
  "/shared/aisle.css",
  "/shared/api.js",
  "/shared/dom.js",
  "/shared/i18n.js",
  "/shared/live.js",
  "/shared/mark.svg",
  "/shared/theme.js",
  "/shared/toast.js",
  "/shared/tokens.css",
  "/static/camera.css",
  "/static/camera.js",
  "/static/qr.js",
  "/static/refusals.js",
  "/static/session.css",
  "/static/session.js",
  "/static/icon-192.png",
  "/static/handheld/acts.js",
  "/static/handheld/alarms/alarm.js",
  "/static/handheld/alarms/alarms.css",
  "/static/handheld/alarms/alarms.js",
  "/static/handheld/alarms/banner.js",
  "/static/handheld/alarms/bell.js",
  "/static/handheld/alarms/list.js",
  "/static/handheld/alarms/pieces.js",
  "/static/handheld/alarms/words.js",
  "/static/handheld/belongs.js",
  "/static/handheld/buzz.js",
  "/static/handheld/counting/counting.css",
  "/static/handheld/counting/counting.js",
  "/static/handheld/counting/pad.js",
  "/static/handheld/counting/round.js",
  "/static/handheld/counting/where.js",
  "/static/handheld/counting/words.js",
  "/static/handheld/counts.js",
  "/static/handheld/find.js",
  "/static/handheld/goods/delivery.js",
  "/static/handheld/goods/finish.js",
  "/static/handheld/goods/goods.css",
  "/static/handheld/goods/lines.js",
  "/static/handheld/goods/list.js",
  "/static/handheld/goods/scans.js",
  "/static/handheld/goods/words.js",
  "/static/handheld/handheld.css",
  "/static/handheld/item/evidence.js",
  "/static/handheld/item/found.js",
  "/static/handheld/item/item.css",
  "/static/handheld/item/item.js",
  "/static/handheld/item/words.js",
  "/static/handheld/kept.js",
  "/static/handheld/main.js",
  "/static/handheld/me.js",
  "/static/handheld/members.js",
  "/static/handheld/network.js",
  "/static/handheld/people.js",
  "/static/handheld/places.js",
  "/static/handheld/planogram.js",
  "/static/handheld/press.js",
  "/static/handheld/product.js",
  "/static/handheld/redraw.js",
  "/static/handheld/sheet.js",
  "/static/handheld/scanner.js",
  "/static/handheld/sheet.css",
  "/static/handheld/snapshot.js",
  "/static/handheld/span.js",
  "/static/handheld/strip.css",
  "/static/handheld/strip.js",
  "/static/handheld/sureness.js",
  "/static/handheld/views.js",
  "/static/handheld/words.js",
  "/static/handheld/work/brought.js",
  "/static/handheld/work/buttons.js",
  "/static/handheld/work/card.js",
  "/static/handheld/work/list.js",
  "/static/handheld/work/tasks.js",
  "/static/handheld/work/words.js",
  "/static/handheld/work/work.css",
];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === self.location.origin && FILES.includes(pathname)) {
    event.respondWith(fresh(event.request, pathname));
  }
});

async function fresh(request, pathname) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(pathname);
  try {
    const patience = kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {};
    const response = await fetch(request, { cache: "no-cache", ...patience });
    if (response.ok) await cache.put(pathname, response.clone());
    return response.ok || !kept ? response : kept;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}
