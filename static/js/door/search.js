// Finding somebody by name or code in the roster on this phone: accents, apostrophes and the order of words do not matter.

import { element, word } from "./page.js";
import { read } from "./ticket.js";
import { clean } from "./wedge.js";

const MOST = 20;
const FEWEST = 3; // letters
const SHORT_CODE = /^[2-9A-HJ-NP-Z]{5,7}$/; // the letters of core/tokens.py
const LETTERS = { ß: "ss", ø: "o", ł: "l", đ: "d", æ: "ae", œ: "oe", ı: "i" };
const plain = (text) =>
  text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/[ßøłđæœı]/g, (sign) => LETTERS[sign]).replace(/['’‘`´ʼ.-]/g, "");

const names = new WeakMap(); // entry → its name, plain
const nameOf = (person) => names.get(person) ?? names.set(person, plain(person.name)).get(person);

// `chosen(text)` is called with the code of whoever is tapped, or with what was typed when that is a code; `added(words)`
// with the words by which nobody is found.
export function prepare(book, direction, { chosen, added }) {
  const field = element("search-words");
  const look = () => list(book, direction(), field.value.trim(), { chosen, added });
  field.addEventListener("input", look);
  book.addEventListener("change", () => !element("pane-search").hidden && look());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // or it would press the button of the answer that is there by then
    const typed = clean(field.value);
    if (read(typed).code) chosen(typed);
    else element("found").querySelector("button")?.focus();
  });
  return look;
}

export function clear() {
  element("search-words").value = element("found-note").textContent = "";
  element("found").replaceChildren();
}

function list(book, direction, typed, { chosen, added }) {
  const isLongEnough = typed.replace(/\s/g, "").length >= FEWEST;
  const found = isLongEnough ? matching(book.people.values(), typed) : [];
  const { code } = read(typed);
  const isCode = code && !found.some((person) => person.code === code);
  const rows = found.slice(0, MOST).map((person) => row(person, direction, chosen));
  if (isCode) {
    rows.push(button(word("check.code", { code: `${code.slice(0, 4)}-${code.slice(4)}` }), () => chosen(typed)));
  }
  if (isLongEnough && !found.length && !/\d/.test(typed)) {
    rows.push(button(word("add.words", { words: typed }), () => added(typed)));
    rows.at(-1).className = "add-words";
  }
  const focused = [...element("found").children].findIndex((item) => item.contains(document.activeElement));
  element("found").replaceChildren(...rows);
  if (focused >= 0) (rows[focused]?.querySelector("button") ?? element("search-words")).focus();
  let sentence = "";
  if (!isLongEnough) sentence = word("found.start");
  else if (found.length > MOST) sentence = word("found.more");
  else if (!found.length && !isCode) sentence = lacking(typed) || word("found.none");
  else if (found.length) sentence = found.length === 1 ? word("found.one") : word("found.many", { count: found.length });
  element("found-note").textContent = sentence;
}

// How much a code that was not typed to its end still lacks; "" where it does not look like one.
function lacking(typed) {
  const written = typed.toUpperCase().replace(/[\s-]/g, "");
  if (!SHORT_CODE.test(written)) return "";
  const count = 8 - written.length;
  return word(count === 1 ? "code.short.one" : "code.short.many", { count });
}

// Somebody of exactly this name, in whatever order its words are written.
export function namesake(people, typed) {
  const inOrder = (text) => text.split(/\s+/).filter(Boolean).sort().join(" ");
  const wanted = inOrder(plain(typed));
  return wanted.includes(" ") ? ([...people].find((person) => inOrder(nameOf(person)) === wanted) ?? null) : null;
}

// Those whose names hold every word; whose names begin with them first.
export function matching(people, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const { code } = read(typed);
  const begins = (person) => words.filter((one) => ` ${nameOf(person)}`.includes(` ${one}`)).length;
  return [...people]
    .filter((person) => person.name)
    .filter((person) => person.code === code || words.every((one) => nameOf(person).includes(one)))
    .sort((one, other) => begins(other) - begins(one) || one.name.localeCompare(other.name));
}

function row(person, direction, chosen) {
  const item = button(person.name, () => chosen(person.code));
  const state = document.createElement("small");
  state.textContent = stateOf(person);
  state.dataset.inside = String(person.is_inside);
  const label = item.firstChild.firstChild;
  if (person.organisation) {
    const organisation = document.createElement("em");
    organisation.textContent = person.organisation;
    label.append(organisation);
  }
  label.parentElement.append(state);
  label.parentElement.dataset.done = String(person.is_inside === (direction === "in"));
  return item;
}

export function stateOf({ is_inside, state, mode }) {
  if (is_inside) return word("person.inside");
  if (state !== "confirmed") return word(`person.${state}`);
  return mode === "online" ? word("person.online") : "";
}

function button(text, onClick) {
  const item = document.createElement("li");
  const tap = document.createElement("button");
  tap.type = "button";
  const label = document.createElement("span");
  label.textContent = text;
  tap.append(label);
  tap.addEventListener("click", onClick);
  item.append(tap);
  return item;
}
