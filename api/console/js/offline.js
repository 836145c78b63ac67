// A service worker: keeps the page, the map's tiles and the last public answers, so that a reload without the service still
// shows what was last heard. The service is always asked first; what comes from here says so (X-Console-Kept). What was
// asked with a key is never kept.
const SHELF = 'baochang-console-1';
const kept = (url) => url.pathname === '/' || url.pathname.startsWith('/console/') || url.pathname.startsWith('/tiles/')
  || (['/v1/network', '/v1/facilities', '/v1/zones', '/v1/closures', '/v1/checkpoints'].includes(url.pathname) && !url.search);

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== SHELF) await caches.delete(name);
  await self.clients.claim();
})()));

async function answer(request) {
  const shelf = await caches.open(SHELF);
  try {
    const response = await fetch(request);
    if (response.ok && response.status !== 204) await shelf.put(request.url, response.clone());
    return response;
  } catch (failure) {
    const last = await shelf.match(request.url, { ignoreVary: true });
    if (!last) throw failure;
    const headers = new Headers(last.headers);
    headers.set('X-Console-Kept', 'true');
    return new Response(last.body, { status: last.status, headers });
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || request.headers.has('Authorization') || !kept(url)) return;
  event.respondWith(answer(request));
});
