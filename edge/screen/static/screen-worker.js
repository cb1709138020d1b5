// Keeps the screen's own files: a browser that starts before its node does shows the screen, not an error page, and
// the page comes alive by itself. The network comes first; what the screen shows is never kept.

const NAME = "aisle-screen-1";
const PATIENCE_MS = 2500;
const FILES = [
  "/",
  "/shared/aisle.css",
  "/shared/dom.js",
  "/shared/i18n.js",
  "/shared/live.js",
  "/shared/mark.svg",
  "/shared/theme.js",
  "/shared/tokens.css",
  "/static/fit.js",
  "/static/lanes.css",
  "/static/screen.css",
  "/static/screen.js",
  "/static/tiles.js",
  "/static/words.js",
];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

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
    const response = await fetch(request, {
      cache: "no-cache",
      ...(kept && { signal: AbortSignal.timeout(PATIENCE_MS) }),
    });
    if (response.ok) await cache.put(pathname, response.clone());
    return response.ok || !kept ? response : kept;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}
