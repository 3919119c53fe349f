// The newsletter editor: the phone follows the text a moment after the last key, and nothing typed is lost by leaving.
// Without this file the button "Refresh" does the same.

const PAUSE = 700;
const form = document.getElementById("editor");
const show = document.getElementById("show");
const phone = document.getElementById("preview");

let timer = 0;
let scrolledTo = 0;
let isChanged = Boolean(form.querySelector(".has-error"));
let isLeaving = false;

function refresh() {
  scrolledTo = phone.contentWindow?.scrollY ?? 0;
  form.requestSubmit(show);
}

form.addEventListener("input", () => {
  isChanged = true;
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
});

form.addEventListener("submit", (event) => {
  if (event.submitter !== show) {
    isLeaving = true;
  }
});

phone.addEventListener("load", () => phone.contentWindow.scrollTo(0, scrolledTo));

addEventListener("beforeunload", (event) => {
  if (isChanged && !isLeaving) {
    event.preventDefault();
  }
});

show.hidden = true;
