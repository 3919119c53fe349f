// What the server said after the door person had gone on: a line above everything that stays until it is tapped.

import { clock, element, word } from "./page.js";
import { signal } from "./signals.js";
import { hintOf, titleOf } from "./telling.js";

const MOST = 6;

// `mine`: the name of this door.
export function add(told, event, mine) {
  drop(told.nonce);
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.nonce = told.nonce;
  const words = document.createElement("span");
  words.textContent = saying(told, event, mine);
  const close = document.createElement("strong");
  close.textContent = word("seen");
  button.append(words, close);
  button.addEventListener("click", () => button.remove());
  const list = element("notices");
  list.append(button);
  while (list.children.length > MOST) list.firstChild.remove();
  signal("again", { isCorrection: true });
}

function saying(told, event, mine) {
  const { reason, since, door, isNew, isRefused } = told;
  const name = told.name || told.code || word("unknown");
  if (reason === "already_in" && since) {
    const where = !door ? ".somewhere" : door === mine ? "" : ".elsewhere";
    return word(`server.already_in${where}`, { name, time: clock(since), door });
  }
  const title = titleOf(told, event);
  return word("server.says", { name, answer: isNew && isRefused ? `${title}. ${hintOf(told, { event })}` : title });
}

// Somebody has seen to it.
export const drop = (nonce) => element("notices").querySelector(`[data-nonce="${CSS.escape(nonce)}"]`)?.remove();

export const clear = () => element("notices").replaceChildren();
