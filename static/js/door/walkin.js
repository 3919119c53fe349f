// Somebody who is not registered: four fields and a consent, half a minute.

import { config, element, note, word } from "./page.js";

// `welcomed(answer)` is called when the person is inside.
export function prepare(book, welcomed) {
  const form = element("walk-in");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(form));
    const missing = problem(typed);
    note("walk-in-note", missing);
    if (missing) return;
    form.querySelector("button.main").disabled = true;
    const { privacy, ...person } = typed;
    const answer = await book.walkIn({ ...person, consents: { privacy: privacy === "on" }, language: config.language });
    form.querySelector("button.main").disabled = false;
    if (answer.isRefused) {
      note("walk-in-note", Object.values(answer.fields)[0] ?? answer.message);
      return;
    }
    form.reset();
    welcomed(answer);
  });
}

function problem(typed) {
  if (!typed.first_name.trim()) {
    element("first-name").focus();
    return word("required");
  }
  if (!typed.privacy) {
    element("privacy").focus();
    return word("consent");
  }
  if (!element("email").validity.valid) {
    element("email").focus();
    return element("email").validationMessage;
  }
  return "";
}
