// Pairing: one tap for who is logged in, or a code typed, or brought by the address's #fragment from a QR code.

import { ask } from "./api.js";
import { config, element, note, screen, word } from "./page.js";

// `paired({token, name, events})` is called once the phone has its token.
export function prepare(paired) {
  element("pair-here")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    if (!form.has("event")) return note("start-note", word("choose"));
    const { ok, body } = await post(config.pair, form);
    if (!ok) return note("start-note", body?.message ?? word("offline"));
    return paired(body);
  });
  element("pair-code").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.target));
    const { status, body: told } = await ask("POST", "checkin/devices", { body });
    if (status !== 200) return note("start-note", told?.message ?? word("offline"));
    element("pair-code").reset();
    return paired(told);
  });
}

export function show(sentence = "") {
  screen("start");
  note("start-note", sentence);
  const code = decodeURIComponent(location.hash.slice(1));
  if (code) {
    history.replaceState(null, "", location.pathname);
    element("pairing-code").value = code;
    element("pair-code").requestSubmit();
  }
}

async function post(address, form) {
  try {
    const response = await fetch(address, { method: "POST", body: form, headers: { Accept: "application/json" } });
    return { ok: response.ok, body: await response.json() };
  } catch {
    return { ok: false, body: null };
  }
}
