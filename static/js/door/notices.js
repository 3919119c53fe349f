// What the server said after the door person had gone on: a line above everything that stays until it is tapped.

import { clock, element, word } from "./page.js";
import { signal } from "./signals.js";
import { titleOf } from "./telling.js";

const MOST = 6;

export function add(told, event) {
  const button = document.createElement("button");
  button.type = "button";
  const name = told.name || word("unknown");
  const saying = [titleOf(told, event), told.door && word("at.door", { door: told.door })].filter(Boolean).join(". ");
  const words = document.createElement("span");
  words.textContent = word("server.says", { name, answer: saying, time: clock(Date.now()) });
  const close = document.createElement("strong");
  close.textContent = word("seen");
  button.append(words, close);
  button.addEventListener("click", () => button.remove());
  const list = element("notices");
  list.append(button);
  while (list.children.length > MOST) list.firstChild.remove();
  signal("again", { isCorrection: true });
}

export const clear = () => element("notices").replaceChildren();
