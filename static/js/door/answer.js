// One big answer over the whole screen, with what can be done about it within reach of the thumb. A plain welcome goes by
// itself; everything else stays until somebody has read it. When the server knows better while it is there, it is repainted.

import { element, word } from "./page.js";
import { signal } from "./signals.js";
import { aboutOf, actionsFor, differs, hintOf, lookOf, nextOf, signOf, titleOf } from "./telling.js";

const GONE_AFTER = 2500; // ms

const dialog = element("answer");
let timer = 0;
let shown = null;
let handlers = {};
let hall = () => ({}); // {event, left}
let reasoned = null; // what is done once a reason is given

// `doing`: undo(answer), exit(answer), entrance(answer), admit(answer), force(answer, reason), switch(answer), add(answer),
// search(answer), closed(answer). `around()` gives {event, left} of the event at this door.
export function prepare(doing, around) {
  handlers = doing;
  hall = around;
  element("answer-next").addEventListener("click", () => hide());
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (element("answer-reasons").hidden) hide();
    else askWhy(null);
  });
  for (const button of document.querySelectorAll("#answer-reasons [data-why]")) {
    button.addEventListener("click", () => reasoned(button.textContent.trim()));
  }
  element("why-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const why = element("why").value.trim();
    if (why) reasoned(why);
    else element("why").focus();
  });
  element("why-back").addEventListener("click", () => askWhy(null));
}

export const isOpen = () => dialog.open;
export const isShowing = (nonce) => dialog.open && shown?.nonce === nonce;
// May the camera put another answer in this one's place?
export const isPassing = () =>
  !dialog.open || (["ok", "unread"].includes(shown.status) && element("answer-reasons").hidden);

export function show(answer, { isCorrection = false } = {}) {
  if (dialog.open && !isCorrection && shown && shown.nonce !== answer.nonce) handlers.closed(shown);
  shown = answer;
  askWhy(null);
  paint();
  if (!dialog.open) dialog.showModal();
  element("answer-next").focus({ preventScroll: true });
  dialog.scrollTop = 0;
  const look = lookOf(answer);
  signal(look, { isCorrection });
  clearTimeout(timer);
  if (answer.status === "ok" && !answer.needsHelp && !isCorrection) timer = setTimeout(hide, GONE_AFTER);
}

// The server's word on what is shown: something else is told as loudly as an answer, more of the same quietly filled in.
export function correct(told) {
  const before = shown;
  const answer = { ...before, ...known(told), isLocal: false, toCheck: told.toCheck ?? false };
  if (differs(before, answer)) return show(answer, { isCorrection: true });
  shown = answer;
  if (element("answer-reasons").hidden) paint();
}

export function hide() {
  clearTimeout(timer);
  if (!dialog.open) return;
  dialog.close();
  handlers.closed(shown);
}

// What was shown names nobody any more.
export function clear() {
  shown = null;
  for (const part of ["title", "name", "organisation", "group", "hint"]) write(`answer-${part}`, "");
  write("why-about", "");
}

// Ask for a reason before `then(reason)`: four that are ready, or words of one's own. For walk-ins as well.
export function reasonFor(name, then) {
  shown = { status: "refused", reason: "full", direction: "in", name };
  paint();
  if (!dialog.open) dialog.showModal();
  askWhy((reason) => {
    dialog.close();
    then(reason);
  });
}

function paint() {
  const { event, left } = hall();
  const places = shown.left ?? left;
  dialog.dataset.status = shown.status;
  dialog.dataset.look = lookOf(shown);
  element("answer-sign").setAttribute("href", `#sign-${signOf(shown)}`);
  element("answer-stop").hidden = lookOf(shown) !== "stop";
  write("answer-title", titleOf(shown, event));
  write("why-about", [titleOf(shown, event), shown.name].filter(Boolean).join(" · "));
  write("answer-name", aboutOf(shown));
  write("answer-organisation", shown.organisation);
  write("answer-group", shown.group ? word("group", { number: shown.group }) : "");
  element("answer-help").hidden = !shown.needsHelp;
  write("answer-hint", hintOf(shown, { event, left: places }));
  element("answer-actions").replaceChildren(...actionsFor(shown, places).map(actionButton));
  element("answer-next").textContent = nextOf(shown);
}

function write(id, text) {
  element(id).textContent = text ?? "";
  element(id).hidden = !text;
}

function actionButton(name) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.action = name;
  button.textContent = (shown.direction === "out" && word(`act.${name}.out`)) || word(`act.${name}`);
  button.addEventListener("click", () => {
    clearTimeout(timer);
    if (name === "force") return askWhy((reason) => act(name, reason));
    return act(name);
  });
  return button;
}

function act(name, reason) {
  const answer = shown;
  hide();
  handlers[name](answer, reason);
}

function askWhy(then) {
  const isAsking = Boolean(then);
  reasoned = then;
  element("answer-reasons").hidden = !isAsking;
  element("answer-said").hidden = isAsking;
  element("why").value = "";
  if (isAsking) element("answer-reasons").querySelector("button").focus({ preventScroll: true });
  dialog.scrollTop = 0;
}

const known = (told) => Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined && value !== ""));
