// The service worker of the offline page, and of that page alone: it keeps the page and what it loads, never an answer
// with data. What to keep stands before this script, in SHELL: {version, page, assets}.
const NAME = `ecrf-offline-${SHELL.version}`;
const PATIENCE = 4000;

addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => clients.claim()));
});

async function keep() {
  const cache = await caches.open(NAME);
  await cache.addAll(SHELL.assets);
  const page = await fetch(SHELL.page, { credentials: "same-origin", cache: "no-store" });
  if (page.ok && !page.redirected) await cache.put(SHELL.page, page);
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("ecrf-offline-") && name !== NAME) await caches.delete(name);
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (address.pathname === SHELL.page) event.respondWith(shell(request));
  } else if (SHELL.assets.includes(address.pathname + address.search)) event.respondWith(asset(request));
});

/** The page of the server while it answers in time, else the one that was kept. */
async function shell(request) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(SHELL.page, { ignoreVary: true });
  try {
    const response = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE) } : {});
    if (response.ok && response.type === "basic" && !response.redirected) await cache.put(SHELL.page, response.clone());
    return response.status >= 500 && kept ? kept : response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function asset(request) {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** Where the browser wakes us when the network is back: the open pages send; without one, nothing can be opened. */
addEventListener("sync", (event) => {
  event.waitUntil(clients.matchAll({ type: "window" }).then((open) => open.forEach((page) => page.postMessage("send"))));
});
