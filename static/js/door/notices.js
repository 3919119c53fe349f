// What the server said after the door person had gone on: a line above everything that stays until it is tapped.

import { clock, element, word } from "./page.js";
import { signal } from "./signals.js";
import { hintOf, titleOf } from "./telling.js";

const MOST = 6;

export function add(told, event) {
  drop(told.nonce);
  const button = document.createElement("button");
  button.type = "button";
  const name = told.name || word("unknown");
  button.dataset.nonce = told.nonce;
  const words = document.createElement("span");
  words.textContent = word("server.says", { name, answer: saying(told, event) });
  const close = document.createElement("strong");
  close.textContent = word("seen");
  button.append(words, close);
  button.addEventListener("click", () => button.remove());
  const list = element("notices");
  list.append(button);
  while (list.children.length > MOST) list.firstChild.remove();
  signal("again", { isCorrection: true });
}

function saying(told, event) {
  const title = titleOf(told, event);
  return told.isNew && told.isRefused ? `${title}. ${hintOf(told, { event })}` : title;
}

// Somebody has seen to it.
export const drop = (nonce) => element("notices").querySelector(`[data-nonce="${CSS.escape(nonce)}"]`)?.remove();

export const clear = () => element("notices").replaceChildren();
