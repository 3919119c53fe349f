/* Keeps somebody's attendance in the online room while the page is open. Without this file its buttons do the same. */

const EVERY = 2.5 * 60 * 1000;
const RETRY = 20 * 1000;
const present = document.querySelector("[data-presence]");
const comesIn = document.querySelector("[data-comes-in]");
const status = document.querySelector("#presence-status");
let last = Date.now();
let next;

function send(form, act) {
  return fetch(location.href, {
    method: "POST",
    body: new URLSearchParams({ [act]: "1" }),
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "X-Heartbeat": "1" },
  });
}

async function stillHere() {
  let wait = EVERY;
  last = Date.now();
  try {
    const answer = await send(present, "stay");
    if (answer.status >= 500) throw new Error(answer.status);
    if (answer.status !== 200) return location.reload(); // she no longer counts here: the page says why
    document.querySelector("#presence-facts").innerHTML = await answer.text();
    status.textContent = "";
  } catch {
    status.textContent = status.dataset.lost;
    wait = RETRY;
  }
  later(wait);
}

function later(wait) {
  clearTimeout(next);
  next = setTimeout(stillHere, wait);
}

if (present) {
  document.querySelector("[data-by-hand]").hidden = true;
  later(EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - last > EVERY / 2) stillHere();
  });
  addEventListener("online", stillHere);
}

// The form opens the room in a window of its own; this one says the same once more, which changes nothing, to show it.
comesIn?.addEventListener("submit", () => {
  if (comesIn.target) send(comesIn, "enter").finally(() => location.reload());
});
