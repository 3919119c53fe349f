/* Keeps somebody's attendance in the online room while the page is open. Without this file the button does the same. */

const EVERY = 5 * 60 * 1000;
const form = document.querySelector("[data-presence]");
const status = document.querySelector("#presence-status");
let last = Date.now();

async function stillHere() {
  last = Date.now();
  try {
    const answer = await fetch(location.href, {
      method: "POST",
      body: new URLSearchParams({ stay: "1" }),
      headers: {
        "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
        "X-Heartbeat": "1",
      },
    });
    if (!answer.ok) throw new Error(answer.status);
    const until = answer.headers.get("X-Present-Until");
    if (until) document.querySelector("#present-until").textContent = until;
    else location.reload();
    status.textContent = "";
  } catch {
    status.textContent = status.dataset.lost;
  }
}

if (form) {
  setInterval(stillHere, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - last > EVERY) stillHere();
  });
  addEventListener("online", stillHere);
}
