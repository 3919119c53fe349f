// Scanners that type: a burst of keystrokes ended by Enter is a scan, wherever the cursor stands. What a burst has written
// into a field is taken out again. The page listens from its first moment; a busy phone may still lose the first signs or
// make a pause in between. Such scanners put a mark of the kind of code in front (`]Q1`), and where they are set to another
// keyboard than the computer they garble the signs between the letters. All of this is put right here.

import { isCut, read, ticketIn } from "./ticket.js";

const FAST = 45; // ms between two keys of a burst, on average; nobody types like this
const PAUSE = 250; // ms after which a new burst begins
const TORN = 3000; // ms of a pause within which two halves may still be one
const SHORTEST = 3;

// What comes out on an Italian keyboard of the signs of a US one: the scanner names keys, the computer reads letters.
const ITALIAN = {
  "ç": ":", "-": "/", "'": "-", "?": "_", "_": "?", "ì": "=", "£": "#", "\"": "@", "^": "+", "/": "&", "ò": ";",
  "à": "'", "°": "\"", "è": "[", "+": "]", "é": "{", "*": "}", "ù": "\\", "§": "|", "&": "^", "(": "*", ")": "(",
  "=": ")", ";": "<", ":": ">",
}; // prettier-ignore
const KIND_OF_CODE = /^\](?:Q[0-6]|C[0-4]|d[0-6]|z[0-3c]|E[0-7]|X0)/;
const swapped = (text) => text.replace(/\p{L}/gu, (sign) => (sign === sign.toUpperCase() ? sign.toLowerCase() : sign.toUpperCase()));

export const ungarbled = (text) => [...text].map((sign) => ITALIAN[sign] ?? sign).join("");

// `text` as it stood in the code: the first way of reading it that is a ticket, or else as it came.
export function clean(text) {
  const came = text.replace(/[\u0000-\u001f\u007f]/g, "").trim();
  const bare = came.replace(KIND_OF_CODE, "");
  const mapped = ungarbled(came).replace(KIND_OF_CODE, "");
  const ways = [bare, mapped, swapped(bare), swapped(mapped)];
  const whole = ways.find((way) => read(way).ticket) || ways.map(ticketIn).find(Boolean);
  return whole || (ways.find((way) => read(way).code) ?? ways.find((way) => isCut(way, location.origin)) ?? bare);
}

let scanned = null; // (text) => {}, once the page knows what to do with it
let isAwaited = () => false;
let early = []; // read while the page was still opening
let burst = null; // {text, began, last, field, before, head}: `head` is what came before a pause of a busy phone

// `hear(text)` is called with what a scanner typed, as long as `awaited()`; also with what it typed before this call.
export function prepare(awaited, hear) {
  isAwaited = awaited;
  scanned = hear;
}

// The page is open: what was read meanwhile is a scan, if this is a door.
export function opened() {
  const texts = early ?? [];
  early = null;
  if (isAwaited()) texts.forEach((text) => scanned(text));
}

const isEarly = () => early !== null && document.body.dataset.screen === "loading";

function begin(now) {
  const field = document.activeElement?.matches?.("input, textarea") ? document.activeElement : null;
  const isTorn = burst && now - burst.last < TORN && isFast(burst);
  burst = { text: "", began: now, last: now, field, before: field?.value, head: isTorn ? burst : null };
}

function listen(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const now = event.timeStamp;
  if (event.key.length === 1) {
    if (!burst || now - burst.last > PAUSE) begin(now);
    burst.text += event.key;
    burst.last = now;
  } else if (["Enter", "Tab"].includes(event.key) && isBurst(burst, now) && (isEarly() || isAwaited())) {
    const { text, field, before } = mended(burst);
    event.preventDefault();
    event.stopImmediatePropagation();
    if (field && field.type !== "checkbox" && field.type !== "radio") {
      field.value = before;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (clean(text)) isEarly() ? early.push(clean(text)) : scanned(clean(text));
  }
  if (["Enter", "Tab", "Escape", "Backspace"].includes(event.key)) burst = null;
}

// A burst that a pause has torn in two is one, if that makes it a ticket.
function mended(torn) {
  const { head, text } = torn;
  return head && read(clean(head.text + text)).ticket && !read(clean(text)).ticket ? { ...head, text: head.text + text } : torn;
}

function isBurst(typed, now) {
  return Boolean(typed) && now - typed.last <= PAUSE && isFast(typed);
}

function isFast({ text, began, last }) {
  return text.length >= SHORTEST && (last - began) / (text.length - 1) <= FAST;
}

addEventListener("keydown", listen, { capture: true });
