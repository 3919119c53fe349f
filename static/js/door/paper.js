// A list that was filled in on paper, entered afterwards: its day, and then one row's code after the other, each with the
// time that stands beside it and its way, which stay as they are until they are changed. What was entered stands in a
// list of its own, with a way back.

import { now } from "./clock.js";
import { clock, config, day as dayOf, element, say, word } from "./page.js";
import { signal } from "./signals.js";
import { lookOf, titleOf } from "./telling.js";

const pad = (number) => String(number).padStart(2, "0");

let day = null; // of the list, as it is typed; null: no list is being entered
let count = 0;
let handlers = {};

export const isOn = () => day !== null;

// How the next row is scanned, or null where its time cannot be right: then it is asked for.
export function options() {
  const at = moment(`${day}T${element("paper-time").value}`);
  const isRight = Boolean(at) && at <= now();
  element("paper-time-note").hidden = isRight;
  if (isRight) return { source: "paper", at: at.toISOString() };
  element("paper-time").focus();
  return null;
}

// `opened()` is called when a list is asked for, `entered(direction)` when it begins, `left()` when it ends, `changed()`
// when the next row has another time; the rest is as in answer.js.
export function prepare(book, doing) {
  handlers = doing;
  element("paper-open").addEventListener("click", () => {
    element("menu").close();
    handlers.opened();
    element("paper-at").value ||= asTyped(book.roster?.event?.starts_at ?? new Date());
    element("paper-start").showModal();
  });
  element("paper-cancel").addEventListener("click", () => element("paper-start").close());
  element("paper-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = element("paper-at").value;
    const at = moment(typed);
    element("paper-note").hidden = Boolean(at) && at <= now();
    if (!at || at > now()) return element("paper-at").focus();
    begin(typed, new FormData(event.target).get("paper-direction"));
  });
  element("paper-time").addEventListener("change", () => options() && handlers.changed());
  element("paper-end").addEventListener("click", end);
}

function begin(typed, direction) {
  [day, element("paper-time").value] = typed.split("T");
  count = 0;
  element("paper-rows").replaceChildren();
  element("paper-start").close();
  element("paper-title").textContent = word("paper", { day: dayOf(moment(typed)) });
  element("paper-count").textContent = word("paper.none");
  show(true);
  handlers.entered(direction);
}

export function end() {
  if (!isOn()) return;
  day = null;
  element("paper-rows").replaceChildren();
  show(false);
  handlers.left();
}

function show(isShown) {
  element("paper").hidden = element("paper-row").hidden = !isShown;
  element("paper-time-note").hidden = true;
  element("door").toggleAttribute("data-paper", isShown);
}

// One more row, the newest first.
export function add(answer) {
  const look = lookOf(answer);
  const row = document.createElement("li");
  row.dataset.look = look;
  row.dataset.nonce = answer.nonce;
  row.append(text("strong", answer.name || titleOf(answer)), text("span", tellRow(answer)));
  if (answer.status === "ok") {
    count++;
    row.append(button("undo", async () => {
      await handlers.undo(answer);
      count--;
      row.dataset.look = "gone";
      row.querySelector("button").remove();
      row.querySelector("span").textContent = word("paper.undone");
      tellCount();
    }));
  } else if (answer.status === "refused" && answer.name) {
    row.append(button("force", () => {
      row.remove();
      handlers.force(answer, word("paper.why"));
    }));
  }
  element("paper-rows").prepend(row);
  tellCount();
  signal(look);
  say([answer.name, titleOf(answer)].filter(Boolean).join(". "));
}

// When it was and which way, and what was answered where that is something else.
function tellRow(answer) {
  const isPlain = ["in", "out"].includes(lookOf(answer)) || !answer.name;
  return word(answer.direction === "in" ? "paper.in" : "paper.out", { time: clock(answer.at) }) + (isPlain ? "" : ` · ${titleOf(answer)}`);
}

// The server's word on a row that is already there.
export function correct(told) {
  const row = element("paper-rows").querySelector(`[data-nonce="${CSS.escape(told.nonce)}"]`);
  if (!row || row.dataset.look === "gone") return Boolean(row);
  row.dataset.look = lookOf(told);
  row.querySelector("span").textContent = tellRow(told);
  if (told.name) row.querySelector("strong").textContent = told.name;
  return true;
}

function tellCount() {
  element("paper-count").textContent = count === 1 ? word("paper.one") : word("paper.many", { count });
}

function text(tag, content) {
  return Object.assign(document.createElement(tag), { textContent: content });
}

function button(action, onClick) {
  const item = text("button", word(`paper.${action}`) || word(`act.${action}`));
  item.type = "button";
  item.addEventListener("click", onClick, { once: true });
  return item;
}

// ── Times as they are written on the list: by the event's clock, wherever the phone thinks it is ──

function partsOf(moment) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: config.zone, hourCycle: "h23",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }); // prettier-ignore
  return Object.fromEntries(format.formatToParts(new Date(moment)).map(({ type, value }) => [type, Number(value)]));
}

export function asTyped(moment) {
  const { year, month, day: date, hour, minute } = partsOf(moment);
  return `${year}-${pad(month)}-${pad(date)}T${pad(hour)}:${pad(minute)}`;
}

export function moment(typed) {
  const wanted = Date.parse(`${typed}Z`);
  if (Number.isNaN(wanted)) return null;
  const { year, month, day: date, hour, minute } = partsOf(wanted);
  return new Date(2 * wanted - Date.UTC(year, month - 1, date, hour, minute));
}
