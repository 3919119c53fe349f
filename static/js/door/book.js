// The book of this door: who it is, whom it expects, what it has seen and what it still has to send.
// A scan is decided by the roster and the ticket's signature, written down, and only then answered; the server has a
// moment to say it better. What it says later comes as the event "answered", as long as the door has not gone on
// (`closed`): from then on what this phone let in has happened. Queue, roster and clock have files of their own.
//
// Rings "change" (counts, queue, roster, storage), "answered" (detail: the answer) and "gone" (detail: why).

import { ask, uuid } from "./api.js";
import * as clock from "./clock.js";
import { holdsPlace } from "./decide.js";
import { Farewell } from "./farewell.js";
import { Given } from "./given.js";
import * as newcomer from "./newcomer.js";
import { News } from "./news.js";
import { Problems } from "./problems.js";
import { AGAIN, Queue, UNREGISTERED } from "./queue.js";
import * as room from "./room.js";
import { Roster } from "./roster.js";
import { Sightings } from "./sightings.js";
import * as store from "./store.js";
import * as tabs from "./tabs.js";
import { read } from "./ticket.js";
import { find, judge, told } from "./verdict.js";

const ANSWERED = 130; // ms after a ticket was seen; the server may say it better until then
const CALM = 2500; // the same for a form that somebody has filled in
const EVERY = 30_000; // ms between two looks at the server
const FORGET_AFTER = 7 * 86_400_000; // ms after the end, for a phone whose clock nobody has ever measured

export class Book extends EventTarget {
  phone = null; // {token, name, events: [{id, slug, title, closes_at, isOver}], slug}
  waiting = 0;
  storage = "ok";
  #roster = new Roster();
  #problems = new Problems();
  #queue = new Queue({
    token: () => this.phone?.token,
    measure: () => this.refresh(),
    isRevoked: (body) => this.#farewell.isRevoked(body),
    isMet: (nonce) => this.#given.isMet(nonce),
    hasGoneOn: (nonce) => this.#given.hasGoneOn(nonce),
    told: (...what) => this.#told(...what),
    changed: () => this.#count(),
  });
  #farewell = new Farewell(this.#queue, {
    token: () => this.phone?.token,
    close: () => this.#close(),
    gone: (why) => this.#sayGone(why),
  });
  #news = new News(this.#roster, {
    phone: () => this.phone,
    unsent: () => this.waiting,
    known: async () => new Set((await this.#queue.all()).map(({ code }) => code)),
    isRevoked: (body) => this.#farewell.isRevoked(body),
    noted: (slug, facts) => this.#noteEvent(slug, facts),
    called: (name) => this.#noteName(name),
    came: () => this.#noteClock(),
  });
  #given = new Given();
  #sightings = new Sightings(this.#roster, () => this.phone);

  constructor() {
    super();
    this.#hearTabs();
    addEventListener("online", () => this.lookAround());
    addEventListener("pageshow", () => this.lookAround());
    document.addEventListener("visibilitychange", () => document.hidden || this.lookAround());
    setInterval(() => document.hidden || this.lookAround(), EVERY);
  }

  get roster() {
    return this.#roster.kept;
  }

  get people() {
    return this.#roster.people;
  }

  // Newcomers that the server cannot take.
  get problems() {
    return this.#problems.all;
  }

  // Does what is seen here not reach the server?
  get isCutOff() {
    return !navigator.onLine || this.#queue.isFailing;
  }

  // ── Who this phone is ───────────────────────────────────────

  async open() {
    this.phone = (await store.recovered()) ?? null;
    await this.#problems.read();
    clock.assume((await store.get("clock")) ?? 0);
    await store.notePaired(Boolean(this.phone));
    if (!this.phone) {
      await store.wipe(["people"]).catch(() => {});
      return this.#farewell.sayLastWords();
    }
    await this.#queue.recover(this.problems).catch(() => {}); // no room: so it is as it was written
    await this.choose(this.phone.slug);
    room.askToStay().then(() => this.#lookAtRoom());
  }

  async begin({ token, name, events }) {
    await this.#farewell.sayLastWords();
    await store.wipe(["state", "people"]);
    const known = events.map(({ id, slug, title, closes_at }) => ({ id, slug, title, closes_at }));
    this.phone = { token, name, events: known, slug: known[0].slug };
    this.#problems.clear();
    await store.notePaired(true);
    await store.set("phone", this.phone);
    await this.choose(this.phone.slug);
    tabs.tell("begun");
    room.askToStay().then(() => this.#lookAtRoom());
    await this.refresh();
  }

  // Unpair this phone: the server is told when it can be, what is here goes in any case.
  async leave() {
    await Promise.race([this.flush(), new Promise((resolve) => setTimeout(resolve, CALM))]);
    await ask("DELETE", "checkin/devices", { token: this.phone.token, patience: CALM });
    await this.#farewell.forget("unpaired");
  }

  async choose(slug) {
    this.phone.slug = slug;
    await this.#keep("phone", this.phone);
    await this.#roster.open(slug);
    for (const item of await this.#queue.all()) this.#sightings.replay(item);
    await this.#count();
  }

  #sayGone(why) {
    this.dispatchEvent(new CustomEvent("gone", { detail: why }));
    tabs.tell("gone", why);
  }

  #close() {
    this.phone = null;
    this.#problems.clear();
    this.waiting = 0;
    this.#roster.close();
    this.#queue.forget();
    this.#given.clear();
  }

  // Nothing is forgotten that somebody has still to hear of.
  isOver() {
    if (this.waiting || this.problems.length) return false;
    const grace = clock.isMeasured() ? 0 : FORGET_AFTER;
    return this.phone.events.every(({ isOver, closes_at }) => isOver || clock.now() - new Date(closes_at) > grace);
  }

  // ── Looking at the server ───────────────────────────────────

  async lookAround() {
    if (!this.phone) return this.#farewell.sayLastWords();
    await this.flush();
    await this.refresh();
    await this.#lookAtRoom();
    if (this.phone && this.isOver()) await this.#farewell.forget("over");
  }

  refresh() {
    return this.#news.refresh();
  }

  async #noteClock() {
    await this.#keep("clock", clock.offset());
    this.dispatchEvent(new Event("change"));
  }

  // The desk calls this phone something else by now.
  async #noteName(name) {
    if (!name || name === this.phone.name) return;
    this.phone.name = name;
    await this.#keep("phone", this.phone);
  }

  async #noteEvent(slug, facts) {
    const event = this.phone.events.find((one) => one.slug === slug);
    if (Object.entries(facts).every(([name, value]) => event[name] === value)) return;
    Object.assign(event, facts);
    await this.#keep("phone", this.phone);
  }

  // What this page knows in any case, for the next time that it is opened, where there is room.
  #keep(key, value) {
    return store.set(key, value).catch(() => {});
  }

  flush(how) {
    return this.#queue.flush(how);
  }

  async #count() {
    this.waiting = (await this.#queue.all()).length;
    await this.#problems.read();
    this.dispatchEvent(new Event("change"));
    tabs.tell("queue");
  }

  async #lookAtRoom() {
    const before = this.storage;
    this.storage = this.#queue.hasUnkept || store.isFull ? "full" : await room.state();
    if (this.storage !== before) this.dispatchEvent(new Event("change"));
  }

  // ── Scans ───────────────────────────────────────────────────

  // {nonce, status, reason, code, name, organisation, group, needsHelp, since, door, event, direction, isLocal, isForced,
  // isUnkept, toCheck, left, holdsPlace, kind}. `kind` of what is unknown: "forged", "foreign" (no ticket at all) or "".
  // `force` (for `reason`) overrules, `admit` gives a place in the hall; a list on paper (`source`) says when it was (`at`),
  // and a camera when it saw the ticket (`seenAt`, performance.now()).
  scan(text, direction, options = {}) {
    this.#goOn();
    const whose = `${this.phone.slug} ${read(text).code ?? text}`;
    const isDeliberate = Boolean(options.force || options.admit || options.at);
    return this.#given.once(whose, direction, isDeliberate, (recent) => this.#scan(text, direction, options, recent));
  }

  async #scan(text, direction, { seenAt = performance.now(), ...options }, recent) {
    const { force = false, admit = false, reason = "", source = "", at = null } = options;
    const moment = at ? { at: new Date(at).toISOString(), offset: 0 } : clock.stamp();
    const found = await find(text, this.phone, this.#roster);
    const decided = judge(found, { direction, force, admit, at: clock.momentOf(moment) }, this.#roster);
    const told = Object.entries({ force, admit, reason, source }).filter(([, value]) => value);
    const body = { nonce: uuid(), code: text.slice(0, 1000), direction, ...Object.fromEntries(told) };
    const item = { kind: "scan", event: this.phone.slug, body, moment, code: found.code, told: decided.status };
    const before = this.people.get(found.code);
    const answer = { ...decided, nonce: body.nonce, direction, isForced: force, left: this.#roster.left };
    if (admit && decided.status === "ok" && !decided.reason && !holdsPlace(before)) this.#roster.take();
    return this.#answer(item, answer, { before, recent, by: seenAt + ANSWERED });
  }

  // Write it down, believe it, and let the server say it better if it does so at once.
  async #answer(item, answer, { before, recent, by }) {
    const { nonce } = answer;
    this.#given.give(item, answer, { before, recent });
    const isKept = await this.#queue.append(item);
    if (!isKept) answer.isUnkept = true;
    const isMine = this.#given.get(nonce)?.answer.isLocal ?? true; // the server may have been quicker
    if (isMine && answer.status === "ok") this.#sightings.see(item, answer);
    this.#count().then(() => isKept || this.#lookAtRoom());
    const sent = this.flush({ patiently: true });
    const left = by - performance.now();
    const better = left > 0 && navigator.onLine && isMine && (await this.#given.wait(nonce, left, () => sent));
    return this.#given.shown(nonce) ?? (better || answer);
  }

  // The door has gone on after the answer to `nonce`.
  closed(nonce) {
    const shown = this.#given.get(nonce);
    if (!shown?.isOpen) return Promise.resolve();
    shown.isOpen = false;
    const isMine = shown.answer.isLocal && shown.item.told === "ok";
    return isMine ? this.#queue.happened([shown.item]) : Promise.resolve();
  }

  #goOn() {
    this.#given.open.forEach((nonce) => this.closed(nonce));
  }

  // ── What the server says to it ──────────────────────────────

  async #told(item, result, body, came) {
    const { nonce } = item.body;
    if (body.counts && item.event === this.phone?.slug) this.#roster.setCounts(body.counts);
    if (item.kind === "undo" || !this.phone) return;
    const shown = this.#given.get(nonce);
    const answer = { ...shown?.answer, ...told(result, body), nonce };
    if (answer.event) answer.event.isMine = this.phone.events.some(({ slug }) => slug === answer.event.slug);
    answer.left = this.#roster.left;
    if (item.event === this.phone.slug) this.#sightings.believe(item, answer, came, shown);
    if (came.problem && came.isUnkept) this.#problems.add(came.problem);
    const isAgain = Boolean(came.again || came.drop || item.happened || nonce.endsWith(AGAIN));
    if (came.again && shown) shown.again = Promise.resolve();
    this.#put(nonce, answer);
    tabs.tell("told", { nonce, answer, isAgain });
    if (!isAgain) await this.#tellAgain(nonce);
  }

  #put(nonce, answer) {
    const detail = this.#given.correct(nonce, answer);
    if (detail) this.dispatchEvent(new CustomEvent("answered", { detail }));
  }

  // Refused in the very moment in which the door went on: it has happened all the same.
  async #tellAgain(nonce) {
    const shown = this.#given.get(nonce);
    if (shown?.isOpen !== false || shown.isUndone || shown.answer.status !== "refused") return;
    const { id, ...item } = shown.item;
    if (item.kind !== "scan" || item.told !== "ok") return;
    shown.again = this.#queue.append({ ...item, happened: true, body: { ...item.body, nonce: nonce + AGAIN } });
    await shown.again;
  }

  // ── Who is not registered ───────────────────────────────────

  // `fields` of an answer that `isRefused` may hold sentences: then nothing was kept. `force` is for a `reason`.
  async walkIn({ force = false, reason = "", ...person }) {
    this.#goOn();
    const moment = clock.stamp();
    const { left } = this.#roster;
    const facts = { event: this.roster?.event, at: clock.momentOf(moment), left, force };
    const against = newcomer.against(person, facts);
    if (against) return against;
    const nonce = uuid();
    const code = UNREGISTERED + nonce;
    const body = { nonce, ...person, ...(force && { force, reason }) };
    const item = { kind: "walk-in", event: this.phone.slug, body, moment, code, told: "ok" };
    this.#sightings.welcome(item);
    return this.#answer(item, newcomer.welcome({ nonce, code, person, left, force }), { by: performance.now() + CALM });
  }

  // Sent again with what was wrong put right.
  async retry(nonce, fields) {
    const problem = this.#problems.find(nonce);
    if (!problem) return;
    const { event, moment, typed } = problem;
    const body = { ...typed, ...fields };
    await this.#queue.append({ kind: "walk-in", event, body, moment, code: UNREGISTERED + nonce, told: "ok", happened: true });
    await this.#dropProblem(nonce);
    await this.flush();
  }

  // Somebody has seen to it elsewhere.
  async solve(nonce) {
    await this.#queue.release(UNREGISTERED + nonce);
    this.#roster.drop(UNREGISTERED + nonce);
    await this.#dropProblem(nonce);
    await this.flush();
  }

  async #dropProblem(nonce) {
    await this.#problems.drop(nonce);
    await this.#count();
  }

  // ── Taken back ──────────────────────────────────────────────

  // What was told again, or may have been as far as this page remembers, is taken back under both its nonces.
  async undo({ nonce, before, code }) {
    const shown = this.#given.get(nonce);
    if (shown) shown.isUndone = true;
    const undo = { kind: "undo", event: this.phone.slug, moment: clock.stamp() };
    await this.#queue.append({ ...undo, body: { nonce, reason: "" } });
    await shown?.again;
    const isAgain = !shown || shown.again || (await this.#queue.all()).some(({ body }) => body.nonce === nonce + AGAIN);
    if (isAgain) await this.#queue.append({ ...undo, body: { nonce: nonce + AGAIN, reason: "" } });
    const whose = shown?.answer.code ?? code;
    if (whose) this.#roster.unsee(whose, shown ? shown.before : before);
    this.#given.startAfresh();
    await this.#count();
    this.flush().then(() => this.refresh());
  }

  // ── Other tabs ──────────────────────────────────────────────

  // Another tab sent what this one had seen.
  async #heard(nonce, answer, isAgain) {
    const shown = this.#given.get(nonce);
    if (!shown) return;
    const isInTheForm = answer.isRefused && this.#given.isAwaited(nonce);
    if (isAgain) shown.again ??= Promise.resolve();
    this.#put(nonce, answer);
    if (isInTheForm) await this.#dropProblem(nonce);
    if (!isAgain) await this.#tellAgain(nonce);
  }

  #hearTabs() {
    tabs.listen({
      begun: () => this.phone || this.open().then(() => this.dispatchEvent(new Event("change"))),
      gone: (why) => {
        if (!this.phone) return;
        this.#close();
        this.dispatchEvent(new CustomEvent("gone", { detail: why }));
      },
      seen: (entry) => this.#sightings.hear(entry),
      renamed: (who) => this.#sightings.hearNewName(who),
      told: ({ nonce, answer, isAgain }) => this.#heard(nonce, answer, isAgain),
      queue: async () => {
        if (!this.phone) return;
        this.waiting = (await this.#queue.all()).length;
        await this.#problems.read();
        this.dispatchEvent(new Event("change"));
      },
    });
  }
}
