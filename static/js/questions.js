// A question that depends on another is hidden until the other has the answer. Without this it stands there with a hint,
// and what is written in vain is ignored.
const dependent = [...document.querySelectorAll("[data-shown-if]")];

function answers(form, name) {
  const inputs = [...form.elements].filter((one) => one.name === name && !one.closest("[hidden]"));
  return inputs.flatMap((one) => (one.type === "radio" || one.type === "checkbox" ? (one.checked ? [one.value] : []) : [one.value]));
}

function show() {
  for (const one of dependent) { // in order: a question comes after the one it depends on
    const { shownIf, shownIfAnswer } = one.dataset;
    one.hidden = !answers(one.closest("form"), shownIf).includes(shownIfAnswer);
  }
}

for (const form of new Set(dependent.map((one) => one.closest("form")))) form.addEventListener("change", show);
addEventListener("pageshow", show); // a browser may fill in again what was typed before
show();
