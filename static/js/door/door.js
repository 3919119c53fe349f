// The phone at the door: ties the camera, the search, the form and the book together, and shows the answers.

import * as answers from "./answer.js";
import { Book } from "./book.js";
import { Camera } from "./camera.js";
import { makeDecoder } from "./decode.js";
import { keepPage } from "./kept.js";
import { clock, config, element, say, screen, word } from "./page.js";
import * as search from "./search.js";
import * as start from "./start.js";
import * as store from "./store.js";
import * as walkIn from "./walkin.js";

const SAME_CODE = 4000; // ms during which the same code before the camera is not read again

export const book = new Book();
const camera = new Camera(element("video"), onFrame);
let decode = null;
let lastText = "";
let lastSeen = 0;
let last = null; // the answer that can still be undone
let isBusy = false;

const direction = () => document.querySelector("input[name=direction]:checked").value;
const pane = () => document.querySelector(".tabs [aria-current]").dataset.pane;

// ── Scanning ────────────────────────────────────────────────────

async function onFrame(image) {
  const text = decode && (await decode(image));
  if (!text || isBusy) return;
  const isSame = text === lastText && Date.now() - lastSeen < SAME_CODE;
  lastText = text;
  lastSeen = Date.now();
  if (!isSame) await scan(text);
}

async function scan(text, options = {}) {
  if (isBusy || !book.phone) return;
  isBusy = true;
  const which = direction();
  try {
    const answer = await book.scan(text, which, options);
    showAnswer({ ...answer, text, direction: which });
  } catch {
    if (book.phone) throw new Error("The scan could not be kept.");
  } finally {
    isBusy = false;
  }
}

function showAnswer(answer) {
  answers.show(answer);
  last = answer.status === "ok" ? answer : null;
  element("last").hidden = !last;
  if (last) element("last-words").textContent = word("last", { answer: answers.title(last), name: last.name });
}

async function undo(answer) {
  if (!answer) return;
  last = null;
  element("last").hidden = true;
  await book.undo({ ...answer, code: answer.before?.code });
  lastText = "";
  say(word("undone", { name: answer.name }));
}

// ── The camera ──────────────────────────────────────────────────

async function wakeCamera() {
  if (element("door").hidden || pane() !== "scan" || document.hidden) return camera.stop();
  if (camera.isOn) return;
  let sentence = "camera.asking";
  const told = element("camera-note");
  told.textContent = word(sentence);
  try {
    if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
    await camera.start(await store.get("camera"));
    sentence = "";
    element("camera-switch").hidden = (await camera.other()) === null;
    element("torch").hidden = !camera.hasTorch;
  } catch (error) {
    sentence = { NotAllowedError: "camera.denied", SecurityError: "camera.insecure" }[error.name] ?? "camera.none";
    if (error.name === "AbortError") sentence = "camera.paused";
  }
  told.textContent = word(sentence);
  element("camera-again").hidden = camera.isOn;
}

element("camera-again").addEventListener("click", wakeCamera);
element("camera-switch").addEventListener("click", async () => {
  await store.set("camera", await camera.other());
  camera.stop();
  await wakeCamera();
});
element("torch").addEventListener("click", async ({ currentTarget }) => {
  const isOn = currentTarget.getAttribute("aria-pressed") !== "true";
  await camera.light(isOn);
  currentTarget.setAttribute("aria-pressed", String(isOn));
});

// ── The page around it ──────────────────────────────────────────

function openPane(name) {
  for (const tab of document.querySelectorAll(".tabs button")) {
    if (tab.dataset.pane === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
    element(`pane-${tab.dataset.pane}`).hidden = tab.dataset.pane !== name;
  }
  if (name === "search") {
    lookAgain();
    element("search-words").focus();
  }
  wakeCamera();
}

function paint() {
  if (!book.phone) return;
  const { event, counts } = book.roster ?? {};
  element("event-title").textContent = event?.title ?? book.phone.slug;
  element("inside").textContent = counts?.inside ?? "–";
  element("expected").textContent = counts?.expected ?? "–";
  const badge = element("waiting");
  const number = book.waiting + book.problems.length;
  badge.hidden = !number;
  badge.textContent = word(number === 1 ? "waiting.one" : "waiting.many", { count: number });
  if (element("menu").open) paintMenu();
}

function paintMenu() {
  const known = [...book.people.values()].filter((person) => person.name).length;
  const time = book.roster ? clock(book.roster.at) : "–";
  element("phone").textContent = `${book.phone.name} · ${word("known", { count: known, time })}`;
  element("queue-words").textContent = word(book.waiting ? "queue.some" : "queue.none", { count: book.waiting });
  element("send-now").hidden = !book.waiting;
  element("events").replaceChildren(...book.phone.events.map(eventButton));
  element("problems").replaceChildren(...book.problems.map(problemRow));
}

function eventButton({ slug, title }) {
  const button = document.createElement("button");
  button.textContent = title;
  button.className = "second";
  button.setAttribute("aria-pressed", String(slug === book.phone.slug));
  button.hidden = book.phone.events.length === 1;
  button.addEventListener("click", async () => {
    await book.choose(slug);
    await book.refresh();
  });
  return button;
}

function problemRow({ nonce, name, message }) {
  const row = document.createElement("li");
  const done = document.createElement("button");
  done.textContent = word("problem.done");
  done.addEventListener("click", () => book.solve(nonce));
  row.append(`${name}: ${message} `, done);
  return row;
}

async function enter() {
  const wanted = new URLSearchParams(location.search).get("event");
  if (book.phone.events.some(({ slug }) => slug === wanted)) await book.choose(wanted);
  screen("door");
  paint();
  openPane("scan");
  await book.lookAround();
}

const lookAgain = search.prepare(book, direction, (code) => scan(code));
walkIn.prepare(book, (answer) => showAnswer({ ...answer, status: "ok", direction: "in" }));
answers.prepare({ undo, force: ({ text }) => scan(text, { force: true }) });
start.prepare(async (paired) => {
  await book.begin(paired);
  if (book.phone) await enter();
});

for (const tab of document.querySelectorAll(".tabs button")) {
  tab.addEventListener("click", () => openPane(tab.dataset.pane));
}
for (const radio of document.querySelectorAll("input[name=direction]")) {
  radio.addEventListener("change", () => {
    element("door").dataset.direction = direction();
    lastText = "";
    lookAgain();
  });
}
element("last-undo").addEventListener("click", () => undo(last));
element("waiting").addEventListener("click", () => element("menu-open").click());
element("menu-open").addEventListener("click", () => {
  element("menu").showModal();
  paintMenu();
});
element("menu-close").addEventListener("click", () => element("menu").close());
element("send-now").addEventListener("click", () => book.lookAround());
element("unpair").addEventListener("click", async () => {
  if (book.waiting && !confirm(word("unpair.sure", { count: book.waiting }))) return;
  await book.leave();
});
book.addEventListener("change", paint);
book.addEventListener("gone", ({ detail }) => {
  camera.stop();
  answers.hide();
  element("menu").close();
  start.show(word(detail));
});
document.addEventListener("visibilitychange", wakeCamera);

makeDecoder(config).then((made) => (decode = made));
keepPage(config);
try {
  await book.open();
  if (book.phone) await enter();
  else start.show();
} catch {
  start.show(word("no.storage"));
}
