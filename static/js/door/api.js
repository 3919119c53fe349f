// One request to the server. Whatever goes wrong on the way is status 0: no network, a captive portal, a slow night.

const config = JSON.parse(document.getElementById("config").textContent);
let ahead = 0; // milliseconds by which this phone's clock is ahead of the server's

export const now = () => new Date(Date.now() - ahead);

export async function ask(method, path, { token, body, patience = 8000 } = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  const headers = { "Accept-Language": config.language };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  try {
    const options = { method, headers, signal: abort.signal, cache: "no-store", credentials: "omit" };
    const response = await fetch(config.api + path, { ...options, body: body && JSON.stringify(body) });
    const answer = await response.json();
    noteClock(response.headers.get("Date"));
    return { status: response.status, body: answer };
  } catch {
    return { status: 0, body: null };
  } finally {
    clearTimeout(timer);
  }
}

function noteClock(date) {
  const difference = Date.now() - new Date(date ?? NaN);
  if (Number.isFinite(difference)) ahead = Math.abs(difference) > 5000 ? difference : 0;
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
