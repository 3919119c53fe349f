// Somebody who is not registered: a name, perhaps an organisation and an address, and what is read aloud; half a minute.

import { wrongAddress } from "./newcomer.js";
import { config, element, note, word } from "./page.js";
import { sentenceOf } from "./telling.js";

const FIELDS = ["first_name", "last_name", "email", "organisation"];
const form = element("walk-in");
const field = (name) => form.elements.namedItem(name);
let mended = null; // {nonce} of a walk-in that the server sent back and that is written anew

// `welcomed(answer)` is called when the person is inside; `above(name, then)` asks for a reason where every place is taken.
export function prepare(book, { welcomed, above }) {
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

export function clear() {
  form.reset();
  mended = null;
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
  else form.querySelector("button.main").before(sign);
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
