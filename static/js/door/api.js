// One request to the server. Whatever goes wrong on the way is status 0: no network, a captive portal, a slow night.
// Every answer that tells the server's time measures this phone's clock.

import * as clock from "./clock.js";

const config = JSON.parse(document.getElementById("config").textContent);

export async function ask(method, path, { token, body, patience = 8000 } = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  const headers = { "Accept-Language": config.language };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const sent = clock.instant();
  try {
    const options = { method, headers, signal: abort.signal, cache: "no-store", credentials: "omit" };
    const response = await fetch(config.api + path, { ...options, body: body && JSON.stringify(body) });
    const received = clock.instant();
    const answer = response.status === 204 ? {} : await response.json();
    if (answer.now) clock.measure(answer.now, sent, received);
    return { status: response.status, body: answer };
  } catch {
    return { status: 0, body: null };
  } finally {
    clearTimeout(timer);
  }
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
