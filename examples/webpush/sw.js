// A service worker that shows what journeys send by push, and opens its link.

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data ? event.data.json() : {};
  } catch {
    // somebody else's message: shown as it is
    said = { title: event.data.text() };
  }
  // Browsers want something shown for every message; an empty title would be the site's address.
  event.waitUntil(
    self.registration.showNotification(said.title || "News", {
      body: said.body || "",
      tag: said.message_id, // what comes again takes its own place
      data: { link: said.link || "/", attempt: said.attempt_id },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.link));
});

// The tab that is open already, else a new one. A link that is no page of the web is not followed.
async function show(link) {
  const target = new URL(link, self.location.origin);
  if (!["https:", "http:"].includes(target.protocol)) return;
  for (const tab of await self.clients.matchAll({ type: "window" })) {
    if (tab.url === target.href) return tab.focus();
  }
  return self.clients.openWindow(target.href);
}
