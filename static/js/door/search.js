// Finding somebody by name or code in the roster on this phone: accents and order of words do not matter.

import { element, word } from "./page.js";
import { read } from "./ticket.js";

const MOST = 20;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// `chosen(code)` is called with the code of whoever is tapped.
export function prepare(book, direction, chosen) {
  const field = element("search-words");
  const look = () => list(book, direction(), field.value.trim(), chosen);
  field.addEventListener("input", look);
  book.addEventListener("change", () => !element("pane-search").hidden && look());
  field.addEventListener("keydown", (event) => {
    const { code } = read(field.value);
    if (event.key !== "Enter" || !code) return;
    event.preventDefault(); // or the same key presses the button that the answer brings
    chosen(field.value);
  });
  return look;
}

function list(book, direction, typed, chosen) {
  const found = typed.length < 2 ? [] : matching(book.people.values(), typed);
  const { code } = read(typed);
  const isUnknownCode = code && !book.people.has(code) && !found.length;
  const rows = found.slice(0, MOST).map((person) => row(person, direction, chosen));
  if (isUnknownCode) {
    rows.push(button(word("check.code", { code: `${code.slice(0, 4)}-${code.slice(4)}` }), () => chosen(typed)));
  }
  element("found").replaceChildren(...rows);
  let sentence = "";
  if (typed.length < 2) sentence = word("found.start");
  else if (found.length > MOST) sentence = word("found.more");
  else if (!rows.length) sentence = word("found.none");
  element("found-note").textContent = sentence;
}

function matching(people, typed) {
  const words = plain(typed).split(/\s+/);
  const { code } = read(typed);
  return [...people]
    .filter((person) => person.name)
    .filter((person) => person.code === code || words.every((one) => plain(person.name).includes(one)))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function row(person, direction, chosen) {
  const state = document.createElement("small");
  if (person.is_inside) state.textContent = word("person.inside");
  else if (person.state !== "confirmed") state.textContent = word(`person.${person.state}`);
  else if (person.mode === "online") state.textContent = word("person.online");
  const item = button(person.name, () => chosen(person.code));
  item.firstChild.append(state);
  item.firstChild.dataset.done = String(person.is_inside === (direction === "in"));
  return item;
}

function button(text, onClick) {
  const item = document.createElement("li");
  const tap = document.createElement("button");
  const label = document.createElement("span");
  label.textContent = text;
  tap.append(label);
  tap.addEventListener("click", onClick);
  item.append(tap);
  return item;
}
