// The newsletter editor: the phone follows the text a moment after the last key, and nothing typed is lost by leaving.
// Without this file the button "Refresh" does the same.

const PAUSE = 700;
const form = document.getElementById("editor");
const show = document.getElementById("show");

let timer = 0;
let frames = 0;
let isChanged = Boolean(form.querySelector(".has-error"));
let isLeaving = false;

// Each picture comes in a frame of its own: a frame that was shown before would add a step to the browser's "back".
function refresh() {
  const shown = document.getElementById("preview");
  const coming = shown.cloneNode();
  coming.removeAttribute("src");
  coming.removeAttribute("id");
  coming.hidden = true;
  coming.name = `preview-${(frames += 1)}`;
  show.formTarget = coming.name;
  shown.after(coming);
  coming.addEventListener("load", () => {
    if (coming.contentWindow.location.href === "about:blank") {
      return;
    }
    if (coming.name !== show.formTarget) {
      coming.remove(); // a newer one is on its way
      return;
    }
    const shown = document.getElementById("preview");
    const scrolledTo = shown.contentWindow.scrollY;
    shown.remove();
    coming.id = "preview";
    coming.hidden = false;
    coming.contentWindow.scrollTo(0, scrolledTo);
  });
  form.requestSubmit(show);
}

// What no mail program would show whole is said at once, and not sent back and forth with every key.
function isTooLong() {
  const areas = [...form.querySelectorAll("textarea[data-longest]")];
  for (const area of areas) {
    const sentence = form.querySelector(`.news-too-long[data-for="${area.id}"]`);
    sentence.hidden = area.value.length <= Number(area.dataset.longest);
  }
  return areas.some((area) => area.value.length > Number(area.dataset.longest));
}

form.addEventListener("input", (event) => {
  if (event.target.type === "search") {
    return;
  }
  isChanged ||= !event.target.closest(".news-phone");
  if (isTooLong()) {
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
});

form.addEventListener("submit", (event) => {
  if (isTooLong()) {
    event.preventDefault();
    form.querySelector(".news-too-long:not([hidden])").scrollIntoView({ block: "center" });
    return;
  }
  if (event.submitter !== show) {
    isLeaving = true;
  }
});

addEventListener("beforeunload", (event) => {
  if (isChanged && !isLeaving) {
    event.preventDefault();
  }
});

show.hidden = true;
