// Keeps the handheld's own files, so that the page opens in a stockroom without network. Data is not kept here:
// that is in IndexedDB, with its date. The network comes first, so that an update is seen at once.

const NAME = "aisle-handheld-1";
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
  "/static/handheld/counts.js",
  "/static/handheld/find.js",
  "/static/handheld/handheld.css",
  "/static/handheld/item.js",
  "/static/handheld/kept.js",
  "/static/handheld/main.js",
  "/static/handheld/me.js",
  "/static/handheld/members.js",
  "/static/handheld/network.js",
  "/static/handheld/product.js",
  "/static/handheld/scanner.js",
  "/static/handheld/snapshot.js",
  "/static/handheld/sureness.js",
  "/static/handheld/words.js",
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
