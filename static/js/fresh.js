// Keeps a part of the page fresh: [data-fresh] names where it comes from, data-every inside it how many seconds pass.
// Nothing changed (304): nothing is touched. No network: what is known stays, and [data-fresh-since] says since when.
// [data-shown-with] elsewhere on the page is shown as long as what it names stands in that part.
// What was opened stays open, what had the focus keeps it. Where a session has ended the page is loaded anew.
const PATIENCE = 8000;
const place = document.querySelector("[data-fresh]");
const note = document.querySelector("[data-fresh-since]");
let tag = "", since = null, timer = 0, asking = false;

const seconds = () => Number(place.querySelector("[data-every]")?.dataset.every) || 2;

function put(html) {
  const open = [...place.querySelectorAll("details[open][id]")].map((one) => one.id);
  const held = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
  for (const one of document.querySelectorAll("[data-shown-with]")) one.hidden = !place.querySelector(one.dataset.shownWith);
}

function reached(isReached) {
  if (isReached) since = null;
  else since ??= new Date();
  if (!note || note.hidden === isReached) return;
  note.hidden = isReached;
  const time = since?.toLocaleTimeString(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
  note.textContent = isReached ? "" : note.dataset.freshSince.replace("{time}", time);
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(place.dataset.fresh, { headers, signal, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return location.reload();
    if (answer.status === 200) {
      put(await answer.text());
      tag = answer.headers.get("ETag") ?? "";
    }
    reached(answer.ok || answer.status === 304);
  } catch {
    reached(false);
  } finally {
    asking = false;
    next();
  }
}

function next() {
  clearTimeout(timer);
  timer = setTimeout(ask, seconds() * 1000);
}

function offer(button, act) {
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", act);
}

if (place) next();
document.addEventListener("visibilitychange", ask);
addEventListener("online", ask);

const say = document.querySelector("[data-say]");
offer(say, () => {
  document.querySelector(say.dataset.said).textContent = document.querySelector(say.dataset.say).textContent;
});
if (document.fullscreenEnabled) {
  offer(document.querySelector("[data-fullscreen]"), () =>
    document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
  );
}
