// The page as it was kept for the time without network. A new version of it takes over when the page is opened, before
// anything has happened at the door; one that arrives later waits for the next opening.

const OPENING = 5000; // ms after which somebody may be working

export async function keepPage({ worker, page }) {
  if (!navigator.serviceWorker) return;
  const started = performance.now();
  const hadOne = Boolean(navigator.serviceWorker.controller);
  const registration = await navigator.serviceWorker.register(worker, { scope: page }).catch(() => null);
  if (!registration?.waiting || !hadOne || performance.now() - started > OPENING) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.waiting.postMessage("take over");
}
