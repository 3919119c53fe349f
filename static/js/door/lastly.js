// The line below everything: what happened last and can be taken back, or, for some seconds, what was taken back just now
// and can be put in again.

import { element, say, word } from "./page.js";
import { titleOf } from "./telling.js";

const PUT_BACK_WITHIN = 10_000; // ms

let handlers = {}; // undo(answer), again(answer)
let touched = () => {};
let timer = 0;

export function prepare(doing) {
  handlers = doing;
  element("last-undo").addEventListener("click", () => touched());
}

export function happened(answer) {
  if (answer.status !== "ok") return clear();
  return show(word("last", { answer: titleOf(answer), name: answer.name }), "last.undo", () => handlers.undo(answer));
}

// Somebody who was not registered has no code to be scanned again by.
export function takenBack(answer, { isSilent = false } = {}) {
  const words = word(answer.direction === "out" ? "undone.out" : "undone", { name: answer.name });
  say(words);
  if (isSilent) return;
  show(words, answer.isNew ? "" : "last.again", () => {
    clear();
    handlers.again(answer);
  });
  timer = setTimeout(clear, PUT_BACK_WITHIN);
}

export function clear() {
  clearTimeout(timer);
  element("last").hidden = true;
  element("last-words").textContent = "";
}

function show(words, key, onTouch) {
  clearTimeout(timer);
  touched = onTouch;
  element("last").hidden = false;
  element("last-words").textContent = words;
  element("last-undo").hidden = !key;
  element("last-undo").textContent = key && word(key);
}
