// Asks the browser for push messages. Call it when somebody presses a button: browsers ignore who asks at once.

// `key` is the public half of the VAPID key, `send` gets the subscription as text. False where it is not allowed.
export async function subscribe(key, send) {
  if (!("PushManager" in window) || (await Notification.requestPermission()) !== "granted") return false;
  const worker = await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  const old = await worker.pushManager.getSubscription();
  const found = old ?? (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }));
  await send(JSON.stringify(found));
  return true;
}

function bytes(key) {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}
