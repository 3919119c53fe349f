// Keeps the check-in page and its files for the time without network. `DOOR` (version, page, files) comes from the view.
// The page is asked from the network first; its files, whose version is in the name of the cache, never.

const CACHE = `door ${DOOR.page} ${DOOR.version}`;
const SLOW = 4000; // ms after which the kept page is shown

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    const page = new Request(DOOR.page, { credentials: "omit", cache: "reload" }); // nobody's own copy
    await cache.addAll([page, ...DOOR.files.map((file) => new Request(file, { cache: "no-cache" }))]);
    await self.skipWaiting();
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

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === DOOR.page) event.respondWith(page(request));
  else if (DOOR.files.includes(pathname)) event.respondWith(kept(request));
});

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url)) ?? fetch(request);
}

async function page(request) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), SLOW);
  try {
    return await fetch(request, { signal: abort.signal });
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match(DOOR.page)) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}
