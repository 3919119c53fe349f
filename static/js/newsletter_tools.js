// The buttons above a newsletter's text: each writes a little Markdown where the cursor is, and can be undone as typing.
// Along the bar one goes with the arrow keys. Pictures open in a dialog; without this file their page opens instead.

const dialog = document.getElementById("pictures");
let written = document.querySelector(".news-write textarea");

function write(area, text, from, to) {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// A field is one thing: what touches a part of it holds it whole.
function withWholeFields(area) {
  let [from, to] = [area.selectionStart, area.selectionEnd];
  for (const field of area.value.matchAll(/%%[A-Za-z_]+(?:\|[^%|\n]*)?%%/g)) {
    const [start, end] = [field.index, field.index + field[0].length];
    if (from < end && to > start) {
      [from, to] = [Math.min(from, start), Math.max(to, end)];
    }
  }
  return [from, to];
}

// Strong words may go around a field; a field is put after what is selected, unless it takes plain words as its own.
function around(area, before, after, sample) {
  let [from, to] = withWholeFields(area);
  let inside = area.value.slice(from, to);
  if (before.startsWith("%%") && (!after || /[%|\n]/.test(inside))) {
    from = to;
    inside = "";
  }
  inside = after ? inside || sample : "";
  write(area, before + inside + after, from, to);
  area.setSelectionRange(from + before.length, from + before.length + inside.length);
}

function beforeLines(area, sign) {
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const end = area.value.indexOf("\n", area.selectionEnd);
  const to = end < 0 ? area.value.length : end;
  const lines = area.value.slice(from, to).split("\n");
  write(area, lines.map((line) => sign + line).join("\n"), from, to);
}

function onItsOwnLine(area, text) {
  const at = withWholeFields(area)[1];
  const before = area.value.slice(0, at);
  const lead = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  write(area, `${lead}${text}\n${area.value[at] === "\n" ? "" : "\n"}`, at, at);
}

function use({ before, after, sample, line, block }) {
  if (block) {
    onItsOwnLine(written, block);
  } else if (line) {
    beforeLines(written, line);
  } else {
    around(written, before, after, sample);
  }
}

for (const bar of document.querySelectorAll(".news-tools")) {
  const buttons = [...bar.querySelectorAll("button, a")];
  bar.hidden = false;
  buttons.forEach((button, place) => (button.tabIndex = place ? -1 : 0));
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    if (!button) {
      return;
    }
    written = document.getElementById(bar.dataset.target);
    if (button.matches("a")) {
      event.preventDefault();
      htmx.ajax("GET", button.href, { target: "#pictures-inside", swap: "innerHTML" });
      dialog.showModal();
    } else {
      use(button.dataset);
    }
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const place = buttons.indexOf(document.activeElement);
    if (!step || place < 0) {
      return;
    }
    event.preventDefault();
    const next = buttons[(place + step + buttons.length) % buttons.length];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });
}

dialog.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.block) {
    dialog.close();
    use(button.dataset);
  } else if (button?.hasAttribute("data-close")) {
    dialog.close();
  }
});
