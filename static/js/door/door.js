// The phone at the door: ties the camera, the scanners, the search, the forms and the book together, and shows the answers.

import * as answers from "./answer.js";
import { Book } from "./book.js";
import { Camera } from "./camera.js";
import * as install from "./install.js";
import { keepPage } from "./kept.js";
import * as lastly from "./lastly.js";
import * as menu from "./menu.js";
import * as notices from "./notices.js";
import { config, element, say, screen, word } from "./page.js";
import * as paper from "./paper.js";
import { decoder } from "./reading.js";
import * as search from "./search.js";
import * as signals from "./signals.js";
import * as start from "./start.js";
import * as store from "./store.js";
import { differs } from "./telling.js";
import { isCut, read } from "./ticket.js";
import * as walkIn from "./walkin.js";
import * as wedge from "./wedge.js";

const SAME_CODE = 3000; // ms during which the same code is not a second scan
const LINE_IS_FREE = 8000; // ms after which the page is kept in any case
const REMEMBERED = 300; // answers that the server may still correct

export const book = new Book();
const camera = new Camera(element("video"), onFrame, () => cameraRests());
const told = new Map(); // nonce → the answer shown
let lastCode = "";
let lastSeen = -SAME_CODE; // by performance.now(): a clock that is put back hides nobody
let line = Promise.resolve();

const direction = () => document.querySelector("input[name=direction]:checked").value;
const pane = () => document.querySelector(".tabs [aria-current]").dataset.pane;
const around = () => ({ event: book.roster?.event, left: book.roster?.counts?.left });

// ── Scanning ────────────────────────────────────────────────────

async function onFrame(image, seenAt) {
  const text = decoder.engine && (await decoder.glance(image));
  if (text && !isAgain(text) && answers.isPassing()) await scan(text, { seenAt });
}

// Whatever is read again within three seconds has not gone away in between.
function isAgain(text) {
  if (codeOf(text) !== lastCode || performance.now() - lastSeen > SAME_CODE) return false;
  lastSeen = performance.now();
  return true;
}

const codeOf = (text) => read(text).code ?? text;

function forgetLast() {
  lastCode = "";
}

// One after the other: a fast scanner's next code waits, and is not lost.
function scan(text, options) {
  line = line.catch(() => {}).then(() => scanNow(text, options));
  return line;
}

async function scanNow(text, options = {}) {
  if (!book.phone) return;
  lastCode = codeOf(text);
  lastSeen = performance.now();
  const which = options.direction ?? direction();
  if (isCut(text, location.origin)) return answers.show({ status: "unread", direction: which });
  const row = paper.isOn() ? (options.at ? { source: "paper" } : paper.options()) : {};
  if (!row) return;
  const how = { ...row, ...options };
  try {
    const answer = await book.scan(text, which, how);
    if (book.phone) showAnswer({ ...answer, text, direction: which, at: how.at });
  } catch (error) {
    if (book.phone) showAnswer({ status: "refused", reason: "unkept", direction: which, nonce: "", isUnkept: true, at: how.at });
    console.error(error);
  }
}

function showAnswer(answer) {
  remember(answer);
  if (paper.isOn()) return paper.add(answer);
  answers.show(answer);
  lastly.happened(answer);
}

function closed({ nonce, status }) {
  if (nonce) return book.closed(nonce);
  return status === "unread" || walkIn.clear();
}

function remember(answer) {
  told.set(answer.nonce, answer);
  if (told.size > REMEMBERED) told.delete(told.keys().next().value);
}

// What the server says of something that this phone has already answered.
function corrected({ detail }) {
  const shown = told.get(detail.nonce);
  if (!shown) return;
  const answer = { ...shown, ...detail, direction: shown.direction, isLocal: false };
  remember(answer);
  if (answers.isShowing(detail.nonce)) return answers.correct(answer);
  if (!differs(shown, answer)) return;
  if (!paper.correct(answer)) notices.add(answer, around().event, book.phone?.name);
}

async function undo(answer) {
  if (!answer) return;
  lastly.clear();
  await book.undo({ ...answer, code: answer.before?.code ?? answer.code });
  forgetLast();
  if (book.phone) lastly.takenBack(answer, { isSilent: paper.isOn() });
}

// ── The camera ──────────────────────────────────────────────────

async function wakeCamera() {
  if (element("door").hidden || pane() !== "scan" || document.hidden) return camera.stop();
  if (camera.isOn) return;
  let sentence = "camera.asking";
  const note = element("camera-note");
  note.textContent = word(sentence);
  try {
    if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
    await camera.start(await store.get("camera"));
    sentence = "";
    element("camera-switch").hidden = (await camera.other()) === null;
    element("torch").hidden = !camera.hasTorch;
    element("torch").setAttribute("aria-pressed", "false");
    offerZoom();
    reportReady();
  } catch (error) {
    camera.stop();
    sentence = { NotAllowedError: "camera.denied", SecurityError: "camera.insecure" }[error.name] ?? "camera.none";
    if (["AbortError", "NotReadableError"].includes(error.name)) sentence = "camera.paused";
  }
  note.textContent = word(sentence);
  showCamera();
}

function showCamera() {
  element("camera-again").hidden = camera.isOn;
  element("pane-scan").dataset.camera = camera.isOn ? "on" : "off";
}

function cameraRests() {
  element("camera-note").textContent = word("camera.paused");
  showCamera();
  wakeCamera();
}

function offerZoom() {
  const { zoom } = camera;
  element("zoom-tool").hidden = !zoom;
  if (zoom) Object.assign(element("zoom"), { min: zoom.min, max: zoom.max, step: zoom.step || 0.1, value: zoom.value });
}

function reportReady() {
  if (!camera.isOn || !decoder.engine) return;
  element("door").dataset.reader = decoder.engine;
  if (!performance.getEntriesByName("ready to scan").length) performance.mark("ready to scan");
}

element("pane-scan").addEventListener("click", ({ target }) => {
  if (!camera.isOn && !target.closest("button, input")) wakeCamera();
});
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
element("zoom").addEventListener("input", ({ currentTarget }) => camera.zoomTo(Number(currentTarget.value)));
decoder.addEventListener("ready", reportReady);

// ── The page around it ──────────────────────────────────────────

function openPane(name) {
  if (name === "add" && pane() !== "add") walkIn.clear(); // what the one before agreed to is hers
  for (const tab of document.querySelectorAll(".tabs button")) {
    if (tab.dataset.pane === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
    element(`pane-${tab.dataset.pane}`).hidden = tab.dataset.pane !== name;
  }
  if (name === "search") {
    lookAgain();
    element("search-words").focus();
  }
  if (name === "add") element("first-name").focus();
  wakeCamera();
}

// To the door of the event that a ticket is for, and scanned there; its list may be as old as the last time here.
async function changeDoor(answer) {
  await book.choose(answer.event.slug);
  paint();
  await scan(textOf(answer), { direction: answer.direction });
  await book.refresh();
}

function turn(way) {
  document.querySelector(`input[name=direction][value=${way}]`).checked = true;
  turned();
}

function turned() {
  element("door").dataset.direction = direction();
  forgetLast();
  lookAgain();
}

function searchFor(name = "") {
  element("search-words").value = name;
  openPane("search");
}

function paint() {
  if (!book.phone) return;
  const { event, counts } = book.roster ?? {};
  element("event-title").textContent = event?.title ?? book.phone.events.find(({ slug }) => slug === book.phone.slug)?.title ?? "";
  element("inside").textContent = counts?.inside ?? "–";
  element("expected").textContent = counts?.expected ?? "–";
  const badge = element("waiting");
  const number = book.waiting + book.problems.length;
  badge.hidden = !number;
  badge.textContent = word(number === 1 ? "waiting.one" : "waiting.many", { count: number });
  element("storage").hidden = book.storage !== "full";
  element("answer-waiting").hidden = !number || !book.isCutOff;
  element("answer-waiting").textContent = badge.textContent;
  menu.paint();
}

// The answer is gone, and often what was tapped before it, too: who goes by keys goes on in the field or at the tab.
function goBack() {
  const at = document.activeElement;
  if (!book.phone || (at && at !== document.body && !element("found").contains(at))) return;
  (pane() === "search" ? element("search-words") : document.querySelector(".tabs [aria-current]")).focus();
}

async function enter() {
  const wanted = new URLSearchParams(location.search).get("event");
  if (book.phone.events.some(({ slug }) => slug === wanted)) await book.choose(wanted);
  screen("door");
  paint();
  openPane("scan");
  wedge.opened();
  await book.lookAround();
}

const whyNothingIsKept = (error) => (store.lacksRoom(error) ? "no.room" : "no.storage");

function leaveDoor(why) {
  camera.stop();
  answers.hide();
  paper.end();
  notices.clear();
  told.clear();
  menu.close();
  forgetNames();
  start.show(word(why));
}

// Nothing on the page names anybody any more.
function forgetNames() {
  say("");
  walkIn.clear();
  search.clear();
  answers.clear();
  lastly.clear();
  forgetLast();
}

const lookAgain = search.prepare(book, direction, {
  chosen: (text) => scan(text),
  added: (words) => {
    openPane("add");
    walkIn.begin(words);
  },
});
const textOf = (answer) => answer.text ?? answer.code;
answers.prepare(
  {
    undo,
    exit: (answer) => scan(textOf(answer), { direction: "out" }),
    entrance: (answer) => scan(textOf(answer), { direction: "in" }),
    admit: (answer) => scan(textOf(answer), { admit: true }),
    force: (answer, reason) => scan(textOf(answer), { force: true, admit: true, reason }),
    switch: (answer) => changeDoor(answer),
    add: () => openPane("add"),
    search: (answer) => searchFor(answer.name ?? ""),
    closed,
  },
  around,
);
walkIn.prepare(book, {
  welcomed: (answer) => showAnswer({ ...answer, direction: "in", isNew: true, toCheck: false }),
  above: (name, then) => answers.reasonFor(name, then),
  registered: ({ code }) => scan(code),
});
paper.prepare(book, {
  undo,
  force: ({ text, at, direction }, reason) => scan(text, { force: true, admit: true, reason, at, direction }),
  opened: () => openPane("scan"),
  entered: (way) => {
    turn(way);
    openPane("scan");
  },
  left: () => {
    turn("in");
    if (book.phone) openPane("scan");
  },
  changed: forgetLast,
});
menu.prepare(book, {
  send: () => book.lookAround(),
  solved: ({ nonce }) => notices.drop(nonce),
  mend: (problem) => {
    notices.drop(problem.nonce);
    openPane("add");
    walkIn.mend(problem);
  },
});
start.prepare(async (paired) => {
  try {
    await book.begin(paired);
  } catch (error) {
    return start.show(word(whyNothingIsKept(error)));
  }
  if (book.phone) await enter();
});
const isAtTheDoor = () => !(element("door").hidden || element("menu").open || element("paper-start").open);
wedge.prepare(isAtTheDoor, (text) => isAgain(text) || scan(text));
signals.prepare();

for (const tab of document.querySelectorAll(".tabs button")) {
  tab.addEventListener("click", () => openPane(tab.dataset.pane));
}
for (const radio of document.querySelectorAll("input[name=direction]")) {
  radio.addEventListener("change", turned);
}
lastly.prepare({ undo, again: (answer) => scan(textOf(answer), { direction: answer.direction }) });
element("waiting").addEventListener("click", menu.open);
element("answer").addEventListener("close", goBack);
book.addEventListener("change", paint);
book.addEventListener("answered", corrected);
book.addEventListener("gone", ({ detail }) => leaveDoor(detail));
addEventListener("pageshow", ({ persisted }) => persisted && wakeCamera());
document.addEventListener("visibilitychange", wakeCamera);

try {
  await book.open();
  if (book.phone) enter();
  else if (document.body.dataset.screen !== "start") start.show();
} catch (error) {
  start.show(word(whyNothingIsKept(error)));
}
// What keeps the page for the time without network is fetched once the page itself no longer needs the line.
const hasCopy = Boolean(navigator.serviceWorker?.controller);
const isReady = new Promise((resolve) => {
  decoder.addEventListener("ready", () => decoder.engine === "zxing" && resolve());
  setTimeout(resolve, hasCopy ? 0 : LINE_IS_FREE);
});
isReady.then(() => keepPage(config));
install.prepare();
