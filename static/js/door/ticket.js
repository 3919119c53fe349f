// A ticket as a scanner sees it; the same reading as registrations/services/tickets.py, which describes its 79 bytes.

const DOMAIN = new TextEncoder().encode("convivio-ticket");
const HEAD = 15;
const LENGTH = HEAD + 64;
const WRITTEN = Math.ceil((LENGTH * 4) / 3); // signs of base64url
const BEGINS = "AQ"; // the first byte, 1
const LIKELY = 24; // signs from which on a piece can be nothing else

// A ticket's address, a ticket, or a code typed by hand: {ticket}, {code}, or {} for anything else.
export function read(text) {
  text = text.trim();
  if (text.includes("/t/")) text = text.slice(text.lastIndexOf("/t/") + 3).split(/[/?#]/)[0];
  const raw = bytes(text);
  if (raw?.length === LENGTH && raw[0] === 1) {
    const view = new DataView(raw.buffer);
    const code = new TextDecoder().decode(raw.subarray(7, HEAD));
    return { ticket: { event: view.getUint32(1), version: view.getUint16(5), raw }, code };
  }
  const code = text.toUpperCase().replace(/[^0-9A-Z]/g, "");
  return code.length === 8 ? { code } : {};
}

// The ticket inside `text`, of which something before it may be lost; "" for none.
export function ticketIn(text) {
  const pieces = text.match(/[-\w]+/g) ?? [];
  const whole = pieces.map((piece) => piece.slice(-WRITTEN)).filter((piece) => piece.startsWith(BEGINS));
  return whole.find((piece) => read(piece).ticket) ?? "";
}

// A ticket of which only a part has come: its address cut off, or one end of it. `origin` is where tickets are from.
export function isCut(text, origin) {
  if (read(text).code || ticketIn(text)) return false;
  const address = `${origin}/t/`;
  if (text.length > origin.length && address.startsWith(text)) return true;
  const piece = text.slice(text.lastIndexOf("/") + 1);
  if (!/^[-\w]*$/.test(piece) || piece.length >= WRITTEN) return false;
  if (text.startsWith(address)) return true;
  const isTail = /^\/?$/.test(text.slice(0, -piece.length)) && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(piece));
  return piece.length >= LIKELY && (piece.startsWith(`${BEGINS}AA`) || isTail); // AA: of the first 65,536 events
}

// Is it signed by one of `keys`? null where this browser cannot tell.
export async function isGenuine({ raw }, keys) {
  const message = new Uint8Array([...DOMAIN, ...raw.subarray(0, HEAD)]);
  try {
    for (const text of keys) {
      const key = await crypto.subtle.importKey("raw", bytes(text), { name: "Ed25519" }, false, ["verify"]);
      if (await crypto.subtle.verify({ name: "Ed25519" }, key, raw.subarray(HEAD), message)) return true;
    }
    return false;
  } catch {
    return null;
  }
}

function bytes(base64url) {
  if (!/^[-\w]+$/.test(base64url)) return null;
  try {
    return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}
