// Scanners that type: a burst of keystrokes ended by Enter is a scan, wherever the cursor stands. What a burst has written
// into a field is taken out again. Such scanners put a mark of the kind of code in front (`]Q1`), and where they are set to
// another keyboard than the computer they garble the signs between the letters: both are put right here.

import { read } from "./ticket.js";

const FAST = 45; // ms between two keys of a burst, on average; nobody types like this
const PAUSE = 250; // ms after which a new burst begins
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
  return ways.find((way) => read(way).ticket) ?? ways.find((way) => read(way).code) ?? bare;
}

// `scanned(text)` is called with what a scanner typed, as long as `isAwaited()`.
export function prepare(isAwaited, scanned) {
  let burst = null; // {text, began, last, field, before}
  const begin = (now) => {
    const field = document.activeElement?.matches?.("input, textarea") ? document.activeElement : null;
    burst = { text: "", began: now, last: now, field, before: field?.value };
  };
  const listen = (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || !isAwaited()) return;
    const now = event.timeStamp;
    if (event.key.length === 1) {
      if (!burst || now - burst.last > PAUSE) begin(now);
      burst.text += event.key;
      burst.last = now;
    } else if (["Enter", "Tab"].includes(event.key) && isBurst(burst, now)) {
      const { text, field, before } = burst;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (field && field.type !== "checkbox" && field.type !== "radio") {
        field.value = before;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      if (clean(text)) scanned(clean(text));
    }
    if (["Enter", "Tab", "Escape", "Backspace"].includes(event.key)) burst = null;
  };
  addEventListener("keydown", listen, { capture: true });
}

function isBurst(burst, now) {
  if (!burst || burst.text.length < SHORTEST || now - burst.last > PAUSE) return false;
  return (burst.last - burst.began) / (burst.text.length - 1) <= FAST;
}
