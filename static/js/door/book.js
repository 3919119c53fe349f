// The book of this door: who it is, whom it expects, what it has seen and what it still has to send.
// A scan is decided by the roster and the ticket's signature, written down, and only then answered; the server has a
// moment to say it better. What it says later comes as the event "answered", as long as the door has not gone on
// (`closed`): from then on what this phone let in has happened. Queue, roster and clock have files of their own.
//
// Rings "change" (counts, queue, roster, storage), "answered" (detail: the answer) and "gone" (detail: why).

import { ask, uuid } from "./api.js";
import * as clock from "./clock.js";
import { decide, holdsPlace } from "./decide.js";
import { Given } from "./given.js";
import * as newcomer from "./newcomer.js";
import { AGAIN, Queue, UNREGISTERED } from "./queue.js";
import * as room from "./room.js";
import { Roster } from "./roster.js";
import * as store from "./store.js";
import * as tabs from "./tabs.js";
import { isGenuine, read } from "./ticket.js";

const ANSWERED = 130; // ms after a ticket was seen; the server may say it better until then
const CALM = 2500; // the same for a form that somebody has filled in
const EVERY = 30_000; // ms between two looks at the server
const FORGET_AFTER = 7 * 86_400_000; // ms after the end, for a phone whose clock nobody has ever measured

export class Book extends EventTarget {
  phone = null; // {token, name, events: [{id, slug, title, closes_at, isOver}], slug}
  problems = []; // walk-ins that the server cannot take: {nonce, name, message, reason, fields, typed}
  waiting = 0;
  storage = "ok";
  #roster = new Roster();
  #queue = new Queue({
    token: () => this.phone?.token,
    measure: () => this.refresh(),
    isRevoked: (body) => this.#isRevoked(body),
    isAwaited: (nonce) => this.#given.isAwaited(nonce),
    hasGoneOn: (nonce) => this.#given.hasGoneOn(nonce),
    told: (...what) => this.#told(...what),
    changed: () => this.#count(),
  });
  #given = new Given();
  #refreshing = null;
  #isEnding = false;

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

  // ── Who this phone is ───────────────────────────────────────

  async open() {
    this.phone = (await store.recovered()) ?? null;
    this.problems = (await store.get("problems")) ?? [];
    clock.assume((await store.get("clock")) ?? 0);
    await store.notePaired(Boolean(this.phone));
    if (!this.phone) {
      await store.wipe(["people"]);
      return this.#sayLastWords();
    }
    await this.#queue.recover(this.problems);
    await this.choose(this.phone.slug);
    room.askToStay().then(() => this.#lookAtRoom());
  }

  async begin({ token, name, events }) {
    await this.#sayLastWords();
    await store.wipe(["state", "people"]);
    const known = events.map(({ id, slug, title, closes_at }) => ({ id, slug, title, closes_at }));
    this.phone = { token, name, events: known, slug: known[0].slug };
    this.problems = [];
    await store.notePaired(true);
    await this.choose(this.phone.slug);
    tabs.tell("begun");
    room.askToStay().then(() => this.#lookAtRoom());
    await this.refresh();
  }

  // Unpair this phone: the server is told when it can be, what is here goes in any case.
  async leave() {
    await Promise.race([this.flush(), new Promise((resolve) => setTimeout(resolve, CALM))]);
    await ask("DELETE", "checkin/devices", { token: this.phone.token, patience: CALM });
    await this.forget("unpaired");
  }

  async choose(slug) {
    this.phone.slug = slug;
    await store.set("phone", this.phone);
    await this.#roster.open(slug);
    for (const item of await this.#queue.all()) this.#replay(item);
    await this.#count();
  }

  async forget(why) {
    this.#close();
    await store.wipe();
    this.#sayGone(why);
  }

  #sayGone(why) {
    this.dispatchEvent(new CustomEvent("gone", { detail: why }));
    tabs.tell("gone", why);
  }

  #close() {
    this.phone = null;
    this.problems = [];
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

  async #isRevoked(body) {
    if (!["revoked", "unauthorised"].includes(body?.code)) return false;
    if (!this.phone || this.#isEnding) return true;
    this.#isEnding = true;
    try {
      const { token } = this.phone;
      const hadToSend = (await this.#queue.all()).length > 0;
      if (await this.#queue.lastWords(token)) await this.forget(hadToSend ? "revoked.sent" : "revoked");
      else await this.#forgetNames(token);
    } finally {
      this.#isEnding = false;
    }
    return true;
  }

  // Names go at once, the scans once they are sent.
  async #forgetNames(token) {
    this.#close();
    await store.wipe(["state", "people"]);
    await store.set("last words", token);
    this.#sayGone("revoked.unsent");
  }

  async #sayLastWords() {
    const token = await store.get("last words");
    if (!token || !(await this.#queue.lastWords(token))) return;
    if ((await store.get("last words")) !== token) return; // paired anew meanwhile
    await store.wipe();
    this.#sayGone("revoked.sent");
  }

  // ── Looking at the server ───────────────────────────────────

  async lookAround() {
    if (!this.phone) return this.#sayLastWords();
    await this.flush();
    await this.refresh().catch(() => {}); // no room for the list
    await this.#lookAtRoom();
    if (this.phone && this.isOver()) await this.forget("over");
  }

  refresh() {
    const slug = this.phone?.slug;
    if (!slug) return Promise.resolve();
    if (this.#refreshing?.slug === slug) return this.#refreshing.done;
    const done = this.#refresh(slug).finally(() => (this.#refreshing = null));
    this.#refreshing = { slug, done };
    return done;
  }

  async #refresh(slug) {
    for (let more = true; more; ) {
      const since = this.roster?.cursor ?? "";
      const query = new URLSearchParams({ event: slug, since, unsent: this.waiting });
      const asked = performance.now();
      const { status, body } = await ask("GET", `checkin/roster?${query}`, { token: this.phone.token });
      if (status === 401) return this.#isRevoked(body);
      if (this.phone?.slug !== slug) return;
      if (status === 403 && body.code === "over") return this.#noteEvent(slug, { isOver: true });
      if (status !== 200 || !body.cursor) return;
      const unsent = new Set((await this.#queue.all()).map(({ code }) => code));
      if (this.phone?.slug !== slug) return;
      await this.#roster.merge(body, asked, unsent);
      const { id, title, closes_at } = body.event;
      await this.#noteEvent(slug, { id, title, closes_at, isOver: false });
      more = body.has_more;
    }
    await store.set("clock", clock.offset());
    this.dispatchEvent(new Event("change"));
  }

  async #noteEvent(slug, facts) {
    const event = this.phone.events.find((one) => one.slug === slug);
    if (Object.entries(facts).every(([name, value]) => event[name] === value)) return;
    Object.assign(event, facts);
    await store.set("phone", this.phone);
  }

  flush(how) {
    return this.#queue.flush(how);
  }

  async #count() {
    this.waiting = (await this.#queue.all()).length;
    this.problems = (await store.get("problems")) ?? this.problems;
    this.dispatchEvent(new Event("change"));
    tabs.tell("queue");
  }

  async #lookAtRoom() {
    const before = this.storage;
    this.storage = this.#queue.hasUnkept ? "full" : await room.state();
    if (this.storage !== before) this.dispatchEvent(new Event("change"));
  }

  // ── Scans ───────────────────────────────────────────────────

  // {nonce, status, reason, code, name, organisation, group, needsHelp, since, door, event, direction, isLocal, isForced,
  // isUnkept, toCheck, left, holdsPlace, kind}. `kind` of what is unknown: "forged", "foreign" (no ticket at all) or "". `force` (for `reason`) overrules, `admit` gives a place in the hall; a list on paper
  // (`source`) says when it was (`at`), and a camera when it saw the ticket (`seenAt`, performance.now()).
  scan(text, direction, options = {}) {
    this.#goOn();
    const whose = `${this.phone.slug} ${read(text).code ?? text}`;
    const isDeliberate = Boolean(options.force || options.admit || options.at);
    return this.#given.once(whose, direction, isDeliberate, (recent) => this.#scan(text, direction, options, recent));
  }

  async #scan(text, direction, { seenAt = performance.now(), ...options }, recent) {
    const { force = false, admit = false, reason = "", source = "", at = null } = options;
    const moment = at ? { at: new Date(at).toISOString(), offset: 0 } : clock.stamp();
    const found = await this.#find(text);
    const decided = this.#decide(found, { direction, force, admit, at: clock.momentOf(moment) });
    const told = Object.entries({ force, admit, reason, source }).filter(([, value]) => value);
    const body = { nonce: uuid(), code: text.slice(0, 1000), direction, ...Object.fromEntries(told) };
    const item = { kind: "scan", event: this.phone.slug, body, moment, code: found.code, told: decided.status };
    const before = this.people.get(found.code);
    const answer = { ...decided, nonce: body.nonce, direction, isForced: force, left: this.#roster.left };
    if (admit && decided.status === "ok" && !decided.reason && !holdsPlace(before)) this.#roster.take();
    return this.#answer(item, answer, { before, recent, by: seenAt + ANSWERED });
  }

  async #find(text) {
    const { ticket, code } = this.people.has(text) ? { code: text } : read(text);
    const genuine = ticket ? await isGenuine(ticket, this.roster?.keys ?? []) : null;
    const other = await this.#elsewhere(ticket, code);
    return { ticket: ticket ?? (other && { event: other.id ?? null }), code, genuine, other };
  }

  // Of which of this phone's other events is it?
  async #elsewhere(ticket, code) {
    const others = this.phone.events.filter(({ slug }) => slug !== this.phone.slug);
    if (ticket) return others.find(({ id }) => id === ticket.event);
    if (!code || this.people.has(code)) return null;
    for (const other of others) if (await store.person(other.slug, code)) return other;
    return null;
  }

  #decide({ ticket, code, genuine, other }, how) {
    const isForged = genuine === false;
    const person = isForged ? undefined : this.people.get(code); // whose code it bears is nobody's business
    const event = this.roster?.event ?? {};
    const { status, reason, toCheck } = decide({ event, ticket, genuine, code, person, left: this.#roster.left, ...how });
    const { name = "", organisation = "", group = null, needs_help: needsHelp = false, is_inside, since, door } = person ?? {};
    const presence = is_inside ? { since, door } : { since: null, door: "" };
    const isOther = reason === "wrong_event" && other;
    const event_ = isOther ? { title: other.title } : null;
    const kind = isForged ? "forged" : code ? "" : "foreign";
    const about = { kind, holdsPlace: holdsPlace(person), event: event_, isLocal: true };
    return { status, reason, toCheck, code, name, organisation, group, needsHelp, ...presence, ...about };
  }

  // Write it down, believe it, and let the server say it better if it does so at once.
  async #answer(item, answer, { before, recent, by }) {
    const { nonce } = answer;
    this.#given.give(item, answer, { before, recent });
    const isKept = await this.#queue.append(item);
    if (!isKept) answer.isUnkept = true;
    const isMine = this.#given.get(nonce)?.answer.isLocal ?? true; // the server may have been quicker
    if (isMine && answer.status === "ok") this.#see(item, answer);
    this.#count().then(() => isKept || this.#lookAtRoom());
    const sent = this.flush({ patiently: true });
    const left = by - performance.now();
    const better = left > 0 && navigator.onLine && isMine && (await this.#given.wait(nonce, left, () => sent));
    return this.#given.shown(nonce) ?? (better || answer);
  }

  #see({ body, moment, code }, { direction, since, door, name, reason }) {
    const at = clock.momentOf(moment).toISOString();
    const wasThere = reason === "already_in" && since;
    const entry = this.#roster.see(code ?? body.code, {
      direction, at, name, since: wasThere ? since : at, door: wasThere ? door : this.phone.name,
    });
    if (entry) tabs.tell("seen", entry);
  }

  // What was scanned before this page was opened and is not sent yet.
  #replay(item) {
    if (item.event !== this.phone.slug || item.told !== "ok") return;
    if (item.kind === "walk-in") this.#welcome(item);
    else if (item.kind === "scan") this.#see(item, { direction: item.body.direction });
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
    const answer = { ...shown?.answer, ...(result ? fromServer(result) : refusal(body)), nonce, isLocal: false };
    answer.left = this.#roster.left;
    if (item.event === this.phone.slug) this.#believe(item, answer, came, shown);
    if (came.problem && came.isUnkept) this.problems = [...this.problems, came.problem];
    await this.#tellAgain(item, answer, came, shown);
    this.#put(nonce, answer);
    tabs.tell("told", { nonce, answer });
  }

  #put(nonce, answer) {
    const detail = this.#given.correct(nonce, answer);
    if (detail) this.dispatchEvent(new CustomEvent("answered", { detail }));
  }

  #believe(item, answer, came, shown) {
    if (item.kind === "walk-in") return this.#register(item, answer, came);
    const code = answer.code ?? item.code;
    const isInside = { already_in: true, not_in: false }[answer.reason] ?? item.body.direction === "in";
    if (answer.status === "ok" || answer.status === "repeated") {
      const isKnown = item.told === "ok" && answer.status === "ok";
      if (!isKnown) this.#see({ ...item, code }, { ...answer, direction: isInside ? "in" : "out" });
    } else if (item.told === "ok" && !came.again && shown) this.#roster.unsee(item.code, shown.before);
  }

  // Refused in the very moment in which the door went on: it has happened all the same.
  async #tellAgain(item, answer, came, shown) {
    const isTold = came.again || came.drop || item.happened || item.body.nonce.endsWith(AGAIN);
    if (isTold || item.kind !== "scan" || item.told !== "ok" || answer.status !== "refused" || shown?.isOpen !== false) return;
    const { id, ...rest } = item;
    await this.#queue.append({ ...rest, happened: true, body: { ...item.body, nonce: item.body.nonce + AGAIN } });
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
    this.#welcome(item);
    return this.#answer(item, newcomer.welcome({ nonce, code, person, left, force }), { by: performance.now() + CALM });
  }

  // An entry of her own, so that the next scan or search finds her.
  #welcome({ body, moment, code }) {
    if (this.people.has(code)) return;
    const at = clock.momentOf(moment).toISOString();
    this.#roster.take();
    this.#roster.see(code, { direction: "in", at, door: this.phone.name, name: newcomer.nameOf(body) });
    tabs.tell("seen", this.#roster.put({ ...this.people.get(code), organisation: body.organisation ?? "" }));
  }

  #register(item, answer, came) {
    if (came.again || came.problem) return;
    const isRegistered = answer.status !== "refused" && answer.code;
    const { code, name, organisation, group } = answer;
    const needs = { needs_help: answer.needsHelp ?? false };
    this.#roster.rename(item.code, isRegistered ? { code, name, organisation, group, ...needs } : null);
    tabs.tell("renamed", { before: item.code, entry: isRegistered ? this.people.get(code) : null });
  }

  // Sent again with what was wrong put right.
  async retry(nonce, fields) {
    const problem = this.problems.find((one) => one.nonce === nonce);
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
    this.problems = this.problems.filter((problem) => problem.nonce !== nonce);
    await store.set("problems", this.problems);
    await this.#count();
  }

  // ── Taken back ──────────────────────────────────────────────

  async undo({ nonce, before, code }) {
    const shown = this.#given.get(nonce);
    const moment = clock.stamp();
    const isAgain = (await this.#queue.all()).some(({ body }) => body.nonce === nonce + AGAIN);
    const body = { nonce: isAgain ? nonce + AGAIN : nonce, reason: "" };
    await this.#queue.append({ kind: "undo", event: this.phone.slug, body, moment });
    const whose = shown?.answer.code ?? code;
    if (whose) this.#roster.unsee(whose, shown ? shown.before : before);
    this.#given.startAfresh();
    await this.#count();
    this.flush().then(() => this.refresh());
  }

  // ── Other tabs ──────────────────────────────────────────────

  // What another tab with an older list may not change.
  #facts(code) {
    const { name, organisation, state, mode, ticket_version, group, needs_help } = this.people.get(code) ?? {};
    return state ? { name, organisation, state, mode, ticket_version, group, needs_help } : {};
  }

  #hearTabs() {
    const isHere = (entry) => this.phone && entry.event === this.phone.slug;
    tabs.listen({
      begun: () => this.phone || this.open().then(() => this.dispatchEvent(new Event("change"))),
      gone: (why) => {
        if (!this.phone) return;
        this.#close();
        this.dispatchEvent(new CustomEvent("gone", { detail: why }));
      },
      seen: (entry) => isHere(entry) && this.people.set(entry.code, { ...entry, ...this.#facts(entry.code) }),
      renamed: ({ before, entry }) => {
        this.people.delete(before);
        if (entry && isHere(entry)) this.people.set(entry.code, entry);
      },
      told: ({ nonce, answer }) => this.#given.get(nonce) && this.#put(nonce, answer),
      queue: async () => {
        if (!this.phone) return;
        this.waiting = (await this.#queue.all()).length;
        this.problems = (await store.get("problems")) ?? [];
        this.dispatchEvent(new Event("change"));
      },
    });
  }
}

function fromServer({ status, reason, message = "", person, event = null }) {
  const told = { status, reason, message, event, toCheck: false };
  if (!person) return told;
  const { code, name, organisation = "", group = null, needs_help: needsHelp = false, since = null, door = "" } = person;
  return { ...told, code, name, organisation, group, needsHelp, since, door };
}

function refusal({ code, message, fields = {} }) {
  return { status: "refused", isRefused: true, reason: code, message, fields, toCheck: false };
}
