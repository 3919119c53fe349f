// The menu: which phone this is, at which event's door, what it still has to send, and what came back.

import { clock, element, word } from "./page.js";
import { sentenceOf } from "./telling.js";

let book = null;
let handlers = {};

// `doing`: send(), and for a walk-in that the server could not take mend(problem), solved(problem).
export function prepare(theBook, doing) {
  book = theBook;
  handlers = doing;
  element("menu-open").addEventListener("click", open);
  element("menu-close").addEventListener("click", close);
  element("send-now").addEventListener("click", () => handlers.send());
  element("unpair").addEventListener("click", async () => {
    const count = book.waiting + book.problems.length;
    if (count && !confirm(word("unpair.sure", { count }))) return;
    await book.leave();
  });
}

export function open() {
  element("menu").showModal();
  paint();
}

export function close() {
  element("menu").close();
}

export function paint() {
  if (!element("menu").open || !book.phone) return;
  const time = book.roster ? clock(book.roster.at) : "–";
  element("phone").textContent = `${book.phone.name} · ${word("known", { count: book.roster?.counts.expected ?? "–", time })}`;
  element("queue-words").textContent = queueWords();
  element("storage-words").textContent = word(`storage.${book.storage}`);
  element("storage-words").hidden = !["unsafe", "full"].includes(book.storage);
  element("send-now").hidden = !book.waiting;
  element("events").hidden = book.phone.events.length === 1;
  element("events-list").replaceChildren(...book.phone.events.map(eventButton));
  element("problems").replaceChildren(...book.problems.map(problemRow));
}

function queueWords() {
  const { waiting, problems } = book;
  if (!waiting && !problems.length) return word("queue.none");
  const words = [waiting && word("queue.some", { count: waiting })];
  words.push(problems.length && word("queue.problems", { count: problems.length }));
  return words.filter(Boolean).join(" ");
}

function eventButton({ slug, title }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = title;
  button.className = "second";
  button.setAttribute("aria-pressed", String(slug === book.phone.slug));
  button.addEventListener("click", async () => {
    await book.choose(slug);
    await book.refresh();
  });
  return button;
}

function problemRow(problem) {
  const row = document.createElement("li");
  const sentence = document.createElement("p");
  sentence.textContent = `${problem.name}: ${sentenceOf(problem)}`;
  row.append(sentence);
  if (problem.typed && book.retry) row.append(action("problem.mend", () => {
    close();
    handlers.mend(problem);
  }));
  row.append(action("problem.done", () => {
    book.solve(problem.nonce);
    handlers.solved(problem);
  }));
  return row;
}

function action(key, onClick) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = word(key);
  button.addEventListener("click", onClick);
  return button;
}
