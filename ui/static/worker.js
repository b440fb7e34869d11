// What a browser keeps for a weak network: our own static files and the page that says there is no connection.
// Pages with records are never kept, and GraphQL is never touched: what one may see is asked of the server each time.
// Only what is read goes this way. A form that another site sends must stay recognisable as such, so it goes past us.
"use strict";
const NAME = `tradepost ${RELEASE}`;
const OFFLINE = `/offline${location.search}`;

const fill = async () => {
  const cache = await caches.open(NAME);
  const page = await fetch(OFFLINE);
  if (!page.ok) throw new Error("The page for no connection is not there");
  const parts = (await page.clone().text()).match(/\/s\/[0-9a-f]+\/[\w./-]+/g) ?? [];
  await cache.put(OFFLINE, page);
  await cache.addAll([...new Set(parts)]);
};

const file = async (request) => {
  const cache = await caches.open(NAME);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
};

const page = async (event) => {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
};

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(fill());
});
addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const one of await caches.keys()) if (one !== NAME) await caches.delete(one);
  await registration.navigationPreload?.enable();
  await clients.claim();
})()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith(`/s/${RELEASE}/`)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(event));
});
