// Somebody who is not registered: a name, perhaps an organisation and an address, and what is read aloud; half a minute.

import { wrongAddress } from "./newcomer.js";
import { config, element, note, word } from "./page.js";
import { namesake, stateOf } from "./search.js";
import { sentenceOf } from "./telling.js";

const FIELDS = ["first_name", "last_name", "email", "organisation"];
const form = element("walk-in");
const field = (name) => form.elements.namedItem(name);
let known = () => []; // people of the list at this door
let alike = null; // somebody of the name that is being written
let isSomebodyElse = ""; // the name of which that was said
let mended = null; // {nonce} of a walk-in that the server sent back and that is written anew

// `welcomed(answer)` is called when the person is inside; `above(name, then)` asks for a reason where every place is taken;
// `registered(person)` where she is on the list already.
export function prepare(book, { welcomed, above, registered }) {
  known = () => book.people.values();
  for (const name of ["first_name", "last_name"]) field(name).addEventListener("input", lookForNamesake);
  element("alike-same").addEventListener("click", () => {
    const person = alike;
    clear();
    registered(person);
  });
  element("alike-other").addEventListener("click", () => {
    isSomebodyElse = writtenName();
    lookForNamesake();
    element("organisation").focus();
  });
  const send = async (person, options) => {
    const button = form.querySelector("button.main");
    button.disabled = true;
    try {
      const answer = mended ? await retried(book, person) : await book.walkIn({ ...person, ...options });
      if (!answer) return done();
      if (answer.isRefused && answer.reason === "full") {
        return above(nameOf(person), (reason) => send(person, { force: true, reason }));
      }
      if (answer.isRefused) return refused({ ...answer, message: answer.message || word(answer.reason) });
      done();
      return welcomed({ name: nameOf(person), organisation: person.organisation, ...answer });
    } finally {
      button.disabled = false;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isComplete()) send(written());
  });
}

// The same form for somebody whom the server could not take: what was written is there again.
export function mend({ nonce, message, typed: person = {}, fields = {} }) {
  form.reset();
  for (const name of FIELDS) field(name).value = person[name] ?? "";
  for (const box of form.querySelectorAll("[data-consent]")) box.checked = Boolean(person.consents?.[box.dataset.consent]);
  mended = { nonce };
  refused({ message, fields });
}

// With the words by which nobody was found.
export function begin(words) {
  const [first, ...others] = words.split(/\s+/);
  field("first_name").value = first;
  field("last_name").value = others.join(" ");
  element(others.length ? "organisation" : "last-name").focus();
}

export function clear() {
  form.reset();
  mended = null;
  isSomebodyElse = "";
  lookForNamesake();
  unmark();
}

async function retried(book, person) {
  const answer = await book.retry?.(mended.nonce, person);
  mended = null;
  return answer;
}

function done() {
  clear();
  element("first-name").focus();
}

const writtenName = () => `${field("first_name").value} ${field("last_name").value}`.trim();

function lookForNamesake() {
  const name = writtenName();
  alike = name === isSomebodyElse ? null : namesake(known(), name);
  element("alike").hidden = !alike;
  const about = alike && [alike.organisation, stateOf(alike)].filter(Boolean).join(", ");
  element("alike-words").textContent = alike ? word("alike", { name: alike.name + (about && ` (${about})`) }) : "";
}

const nameOf = (person) => `${person.first_name} ${person.last_name}`.trim();

function written() {
  const typed = new FormData(form);
  const person = Object.fromEntries(FIELDS.map((name) => [name, (typed.get(name) ?? "").trim()]));
  const boxes = [...form.querySelectorAll("[data-consent]")];
  const consents = Object.fromEntries(boxes.map((box) => [box.dataset.consent, box.checked]));
  return { ...person, consents, language: config.language };
}

function refused(told) {
  unmark();
  const [name] = Object.keys(told.fields ?? {});
  complain(sentenceOf(told), name && field(name));
}

function isComplete() {
  unmark();
  if (alike) {
    element("alike-same").focus();
    return false;
  }
  const address = wrongAddress(field("email").value.trim());
  if (!field("first_name").value.trim()) complain(word("required"), field("first_name"));
  else if (address) complain(word(address), field("email"));
  else if (!element("privacy").checked) complain(word("consent"), element("privacy"));
  else return true;
  return false;
}

// What is wrong stands where it is put right, or else above the button, and in sight.
function complain(sentence, input) {
  const sign = element("walk-in-note");
  if (input) (input.closest("label") ?? input).after(sign);
  else form.querySelector(".foot").before(sign);
  note("walk-in-note", sentence);
  input?.setAttribute("aria-invalid", "true");
  input?.setAttribute("aria-describedby", "walk-in-note");
  (input ?? form.querySelector("button.main")).focus({ preventScroll: true });
  (input?.closest("label") ?? input ?? sign).scrollIntoView({ block: "center" });
}

function unmark() {
  note("walk-in-note", "");
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
}
