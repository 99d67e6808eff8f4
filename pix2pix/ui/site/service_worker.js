// Keeps the site's files, so that it opens without network. One cache for all versions: an address holds a hash of its
// content, and the page's own key its version. A new version is at work when no page of the old one is open.

// site.py writes this line's value above: the version, the files that open the page, and the bytes of each file.
const { version, first, sizes } = self.SITE;

const SCOPE = self.registration.scope;
const CACHE = `pix2pix ${SCOPE}`;
const PAGE = `index.html?${version}`;
const keyOf = (name) => new URL(name || PAGE, SCOPE).href;

// With these headers a page may use several threads.
const isolated = (response) => {
  const { body, status, statusText, headers } = response;
  if (!status) return response; // such as the way to another address
  const more = new Headers(headers);
  more.set('Cross-Origin-Opener-Policy', 'same-origin');
  more.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(body, { status, statusText, headers: more });
};

const put = async (cache, name, response) => {
  const key = keyOf(name);
  await cache.put(key, response);
  const kept = await (await cache.match(key)).blob();
  if (kept.size === sizes[name]) return;
  await cache.delete(key);
  throw new TypeError(`${name} was cut`);
};

const install = async () => {
  const cache = await caches.open(CACHE);
  const missing = [];
  for (const name of first) if (!(await cache.match(keyOf(name)))) missing.push(name);
  await Promise.all(
    missing.map(async (name) => {
      const response = await fetch(name || './', { cache: name ? 'default' : 'no-cache' });
      if (!response.ok) throw new TypeError(`${name} is not there`);
      await put(cache, name, response);
    }),
  );
};

const activate = async () => {
  const cache = await caches.open(CACHE);
  const wanted = new Set(Object.keys(sizes).map(keyOf));
  for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
  await self.clients.claim();
};

const keep = async (name, response) => {
  try {
    await put(await caches.open(CACHE), name, response);
  } catch (error) {
    if (error.name !== 'QuotaExceededError') return; // it was cut, and comes again with the next visit
    for (const client of await self.clients.matchAll()) client.postMessage('full');
  }
};

const answer = async (event, name) => {
  const found = await caches.match(keyOf(name), { cacheName: CACHE }).catch(() => null);
  if (found) return isolated(found);
  const response = await fetch(event.request);
  if (name in sizes && response.status === 200) event.waitUntil(keep(name, response.clone()));
  return isolated(response);
};

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method !== 'GET' || !url.startsWith(SCOPE)) return;
  const name = url.slice(SCOPE.length).replace(/[?#].*/, '');
  event.respondWith(answer(event, name === 'index.html' ? '' : name));
});
