// The book of this door: who it is, whom it expects, what it has seen and what it still has to send.
// Every scan is written down first and sent then; whoever has no network decides by the roster and sends later.
// Rings "change" (counts, queue, roster) and "gone" (unpaired from outside, or the event is over).

import { ask, now, uuid } from "./api.js";
import { decide } from "./decide.js";
import * as store from "./store.js";
import { isGenuine, read } from "./ticket.js";

const PATIENCE = 2500; // ms that a person at the door waits for the server
const IMPATIENCE = 700; // the same when the server was not there a moment ago
const BATCH = 100;

export class Book extends EventTarget {
  phone = null; // {token, name, events: [{slug, title, closes_at}], slug}
  roster = null; // {event, cursor, keys, counts, at} of the event at this door
  people = new Map(); // code → entry
  waiting = 0;
  problems = [];
  #answers = new Map(); // nonce → resolve
  #sending = Promise.resolve();
  #failedAt = 0;

  async open() {
    this.phone = await store.get("phone");
    this.problems = (await store.get("problems")) ?? [];
    if (this.phone) await this.choose(this.phone.slug);
  }

  async begin({ token, name, events }) {
    await store.wipe();
    const known = events.map(({ slug, title, closes_at }) => ({ slug, title, closes_at }));
    this.phone = { token, name, events: known, slug: known[0].slug };
    this.problems = [];
    await this.choose(this.phone.slug);
    await this.refresh();
  }

  // Unpair this phone: the server is told when it can be, what is here goes in any case.
  async leave() {
    await ask("DELETE", "checkin/devices", { token: this.phone.token, patience: PATIENCE });
    await this.forget("unpaired");
  }

  async choose(slug) {
    this.phone.slug = slug;
    await store.set("phone", this.phone);
    this.roster = (await store.get(`roster ${slug}`)) ?? null;
    this.people = new Map((await store.people(slug)).map((entry) => [entry.code, entry]));
    await this.#count();
  }

  async forget(why) {
    await store.wipe();
    this.phone = this.roster = null;
    this.people = new Map();
    this.waiting = 0;
    this.dispatchEvent(new CustomEvent("gone", { detail: why }));
  }

  // ── The roster ──────────────────────────────────────────────

  async refresh() {
    const slug = this.phone?.slug;
    let more = Boolean(slug);
    while (more) {
      const since = this.roster?.cursor ?? "";
      const path = `checkin/roster?event=${encodeURIComponent(slug)}&since=${since}`;
      const { status, body } = await ask("GET", path, { token: this.phone.token });
      if (status === 401) return this.forget("revoked");
      if (status !== 200 || this.phone?.slug !== slug) return;
      await this.#keep(slug, body);
      more = body.has_more;
    }
    this.dispatchEvent(new Event("change"));
  }

  async #keep(slug, body) {
    const gone = body.removed.map((code) => ({ code, name: "", state: "cancelled" }));
    const entries = [...body.entries, ...gone].map((entry) => ({ ...entry, event: slug }));
    const { event, cursor, public_keys: keys, counts } = body;
    this.roster = { event, cursor, keys, counts, at: Date.now() };
    Object.assign(this.phone.events.find((one) => one.slug === slug), { title: event.title, closes_at: event.closes_at });
    await store.set("phone", this.phone);
    entries.forEach((entry) => this.people.set(entry.code, { ...entry, since: this.people.get(entry.code)?.since }));
    await store.keepPeople(entries);
    await this.#keepRoster();
  }

  #keepRoster() {
    return this.roster && store.set(`roster ${this.phone.slug}`, this.roster);
  }

  isOver() {
    return this.waiting === 0 && this.phone.events.every(({ closes_at }) => now() > new Date(closes_at));
  }

  // ── What happens at the door ────────────────────────────────

  // {nonce, status, reason, name, group, since, isForced}: the server's answer, or without network this phone's own.
  async scan(text, direction, { force = false } = {}) {
    const scan = { nonce: uuid(), code: text.slice(0, 1000), at: now().toISOString(), direction, force };
    const found = read(text);
    const item = await this.#append("scan", scan);
    const before = { ...this.people.get(found.code) };
    const answer = (await this.#fromServer(scan.nonce)) ?? (await this.#byRoster(item, found));
    await this.#settle(answer.person?.code ?? found.code, answer, direction);
    return { ...answer, nonce: scan.nonce, before, isForced: force };
  }

  // The same for somebody who is not registered. `fields` may come back with sentences: then nothing was kept.
  async walkIn(person) {
    const body = { nonce: uuid(), at: now().toISOString(), ...person };
    await this.#append("walk-in", body);
    const name = `${person.first_name} ${person.last_name}`.trim();
    return { status: "ok", name, ...(await this.#fromServer(body.nonce)), nonce: body.nonce };
  }

  async undo({ nonce, before, code }) {
    await this.#append("undo", { nonce, at: now().toISOString(), reason: "" });
    if (code && before?.code) {
      this.people.set(code, before);
      await store.keepPeople([before]);
    }
    await this.flush();
    await this.refresh();
  }

  async #byRoster(item, { ticket, code }) {
    const genuine = ticket ? await isGenuine(ticket, this.roster?.keys ?? []) : null;
    const person = this.people.get(code);
    const { direction, at, force } = item.body;
    const event = this.roster?.event ?? {};
    const decided = decide({ event, ticket, genuine, code, person, direction, at: new Date(at), force });
    const isKept = await store.queued(item.id);
    if (decided.status === "ok" && isKept) await store.replace({ ...item, body: { ...item.body, force: true } });
    const { name = "", group = null } = person ?? {};
    return { ...decided, name, group, code, since: person?.since ?? person?.entered_at, isLocal: true };
  }

  async #settle(code, answer, direction) {
    const entry = this.people.get(code);
    if (!entry || !["ok", "repeated"].includes(answer.status)) return;
    const isInside = direction === "in";
    if (answer.isLocal && this.roster && answer.status === "ok" && entry.is_inside !== isInside) {
      this.roster.counts.inside += isInside ? 1 : -1;
      await this.#keepRoster();
    }
    const time = now().toISOString();
    const since = answer.status === "ok" ? time : entry.since;
    const settled = { ...entry, is_inside: isInside, entered_at: entry.entered_at ?? (isInside ? time : null), since };
    this.people.set(code, settled);
    await store.keepPeople([settled]);
    this.dispatchEvent(new Event("change"));
  }

  // ── The queue ───────────────────────────────────────────────

  async #append(kind, body) {
    const item = { kind, event: this.phone.slug, body };
    item.id = await store.append(item);
    await this.#count();
    return item;
  }

  async #count() {
    this.waiting = (await store.queue()).length;
    this.dispatchEvent(new Event("change"));
  }

  // The server's answer to `nonce`, or null when it is not there in time.
  async #fromServer(nonce) {
    if (!navigator.onLine) return null;
    const patience = Date.now() - this.#failedAt < 15_000 ? IMPATIENCE : PATIENCE;
    const answer = new Promise((resolve) => this.#answers.set(nonce, resolve));
    const late = new Promise((resolve) => setTimeout(resolve, patience, null));
    const failed = this.flush().then(() => null);
    const first = await Promise.race([answer, late, failed]);
    this.#answers.delete(nonce);
    return first;
  }

  flush() {
    this.#sending = this.#sending.then(() => this.#send()).catch(() => {});
    return this.#sending;
  }

  async #send() {
    for (;;) {
      const items = await store.queue();
      if (!items.length || !this.phone) return;
      const [{ kind, event }] = items;
      let size = items.findIndex((item) => item.kind !== kind || item.event !== event);
      size = kind === "scan" ? Math.min(size < 0 ? items.length : size, BATCH) : 1;
      const outcome = await this.#deliver(kind, event, items.slice(0, size));
      if (outcome === "later") return;
      await this.#count();
    }
  }

  async #deliver(kind, event, items) {
    const { token } = this.phone;
    const path = { scan: "checkin/scans", undo: "checkin/scans/undo", "walk-in": "checkin/walk-ins" }[kind];
    const bodies = items.map((item) => item.body);
    const body = kind === "scan" ? { event, scans: bodies } : { event, ...bodies[0] };
    const { status, body: told } = await ask("POST", path, { token, body });
    if (status === 401) {
      await this.forget("revoked");
      return "later";
    }
    if (status === 0 || status === 429 || status >= 500) {
      this.#failedAt = Date.now();
      return "later";
    }
    this.#failedAt = 0;
    if (status >= 400 && items.length > 1) {
      for (const item of items) {
        if ((await this.#deliver(kind, event, [item])) === "later") return "later";
      }
      return "sent";
    }
    const results = status >= 400 ? [] : (told.results ?? [told]);
    if (told.counts && event === this.phone.slug && this.roster) {
      this.roster.counts = told.counts;
      await this.#keepRoster();
    }
    for (const [index, item] of items.entries()) await this.#done(item, results[index], told);
    return "sent";
  }

  async #done(item, result, told) {
    const kept = await store.queued(item.id);
    await store.sent(item.id);
    const { nonce } = item.body;
    const tell = this.#answers.get(nonce);
    if (!result) {
      tell?.({ status: "refused", isRefused: true, reason: "closed", message: told.message, fields: told.fields ?? {} });
      if (item.kind === "walk-in" && !tell) this.#addProblem(item, told.message);
      return;
    }
    // Let in by the roster while this was on its way and refused: it happened all the same, and is told so.
    if (kept?.body.force && !item.body.force && result.status === "refused") {
      await store.append({ kind: kept.kind, event: kept.event, body: { ...kept.body, nonce: uuid() } });
    }
    const person = result.person ?? {};
    tell?.({ ...result, name: person.name ?? "", group: person.group, since: person.since });
  }

  #addProblem(item, message) {
    const name = `${item.body.first_name} ${item.body.last_name}`.trim();
    this.problems.push({ nonce: item.body.nonce, name, message });
    store.set("problems", this.problems);
  }

  solve(nonce) {
    this.problems = this.problems.filter((problem) => problem.nonce !== nonce);
    store.set("problems", this.problems);
    this.dispatchEvent(new Event("change"));
  }
}
