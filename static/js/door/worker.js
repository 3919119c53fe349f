// Keeps the check-in page and its files for the time without network. `DOOR` (version, page, files) comes from the view.
// A phone that is a door's gets the page that was kept at once, and whether there is a new version is asked behind it; a
// new version waits until the page is opened anew (static/js/door/kept.js), so that no shift ever sees half of each.
// Anybody else gets the page from the network, since it offers what she may do.

const CACHE = `door ${DOOR.page} ${DOOR.version}`;
const PAIRED = "door paired"; // kept by static/js/door/store.js
const SLOW = 4000; // ms after which the kept page is shown

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    const page = new Request(DOOR.page, { credentials: "omit", cache: "reload" }); // nobody's own copy
    await cache.addAll([page, ...DOOR.files.map((file) => new Request(file, { cache: "no-cache" }))]);
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const sweep = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(`door ${DOOR.page} `) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(sweep());
});

// The page, just opened, asks for the version that waits. Not while another tab works with the old one.
self.addEventListener("message", (event) => {
  const takeOver = async () => {
    const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const doors = pages.filter((one) => new URL(one.url).pathname === DOOR.page);
    if (doors.length <= 1) await self.skipWaiting();
  };
  if (event.data === "take over") event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === DOOR.page) event.respondWith(page(event));
  else if (DOOR.files.includes(pathname)) event.respondWith(kept(request));
});

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url)) ?? fetch(request);
}

async function page(event) {
  const cache = await caches.open(CACHE);
  const copy = await cache.match(DOOR.page);
  if (copy && (await caches.has(PAIRED))) {
    event.waitUntil(self.registration.update().catch(() => {}));
    return copy;
  }
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), SLOW);
  try {
    return await fetch(event.request, { signal: abort.signal });
  } catch {
    return copy ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}
