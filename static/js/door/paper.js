// A list that was filled in on paper, entered afterwards: the time that stands on it, which way, and then one row's code
// after the other. What was entered stands in a list of its own, with a way back.

import { clock, config, day, element, say, word } from "./page.js";
import { signal } from "./signals.js";
import { lookOf, titleOf } from "./telling.js";

const pad = (number) => String(number).padStart(2, "0");

let current = null; // {at, direction}
let count = 0;

export const options = () => current && { source: "paper", at: current.at };
export const direction = () => current?.direction;

// `entered()` is called when the list begins or ends; the rest is as in answer.js.
export function prepare(book, { entered, undo, force }) {
  element("paper-open").addEventListener("click", () => {
    element("menu").close();
    element("paper-at").value ||= asTyped(book.roster?.event?.starts_at ?? new Date());
    element("paper-start").showModal();
  });
  element("paper-cancel").addEventListener("click", () => element("paper-start").close());
  element("paper-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const at = moment(element("paper-at").value);
    element("paper-note").hidden = Boolean(at) && at <= new Date();
    if (!at || at > new Date()) return element("paper-at").focus();
    const way = new FormData(event.target).get("paper-direction");
    begin({ at: at.toISOString(), direction: way }, entered);
  });
  element("paper-end").addEventListener("click", () => end(entered));
  handlers = { undo, force };
}

let handlers = {};

function begin(list, entered) {
  current = list;
  count = 0;
  element("paper-rows").replaceChildren();
  element("paper-start").close();
  const places = { day: day(list.at), time: clock(list.at) };
  element("paper-title").textContent = word(list.direction === "in" ? "paper.in" : "paper.out", places);
  element("paper-count").textContent = word("paper.none");
  show(true);
  entered();
}

export function end(entered) {
  current = null;
  show(false);
  entered?.();
}

function show(isOn) {
  element("paper").hidden = !isOn;
  element("door").toggleAttribute("data-paper", isOn);
}

// One more row, the newest first.
export function add(answer) {
  const look = lookOf(answer);
  const row = document.createElement("li");
  row.dataset.look = look;
  row.dataset.nonce = answer.nonce;
  row.append(text("strong", answer.name || word("unknown")), text("span", look === "in" || look === "out" ? "" : titleOf(answer)));
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
  } else if (look === "stop" && answer.name) {
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

// The server's word on a row that is already there.
export function correct(told) {
  const row = element("paper-rows").querySelector(`[data-nonce="${CSS.escape(told.nonce)}"]`);
  if (!row || row.dataset.look === "gone") return Boolean(row);
  row.dataset.look = lookOf(told);
  row.querySelector("span").textContent = titleOf(told);
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
  const item = text("button", word(`act.${action}`));
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
