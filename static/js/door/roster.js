// The list at this door: whom it expects, who is inside as far as this phone knows, how many places are left.
// The server's word is kept page by page; what this phone has seen since, or has not sent yet, stands above it.

import * as store from "./store.js";

const FIELDS = [
  "code", "name", "organisation", "state", "mode", "ticket_version", "is_inside", "since", "door", "entered_at", "group",
  "needs_help",
];
const PRESENCE = ["is_inside", "since", "door", "entered_at"];
const only = (entry, fields) => Object.fromEntries(fields.map((field) => [field, entry[field] ?? null]));

export class Roster {
  slug = null;
  kept = null; // {event, cursor, keys, counts, at}
  people = new Map(); // code → entry
  keys = []; // that sign the tickets of all events, also of one whose list has not come yet
  #seen = new Map(); // code → {at: when she was seen, noted: when that was written down}, since this page was opened

  async open(slug) {
    this.slug = slug;
    this.kept = (await store.get(`roster ${slug}`)) ?? null;
    this.keys = this.kept?.keys ?? this.keys;
    this.people = new Map((await store.people(slug)).map((entry) => [entry.code, entry]));
    this.#seen.clear();
  }

  close() {
    this.slug = this.kept = null;
    this.people = new Map();
  }

  // A page of the server's, asked for at `asked` (performance.now()); `unsent` are codes of which this phone knows more.
  async merge(body, asked, unsent) {
    const { event, cursor, public_keys: keys, counts, removed } = body;
    const gone = removed.map((code) => ({ code, name: "", state: "cancelled", ...only({}, PRESENCE), is_inside: false }));
    const entries = [...body.entries.map((entry) => only(entry, FIELDS)), ...gone].map((told) => {
      const known = this.people.get(told.code);
      const isOlder = known && (unsent.has(told.code) || this.#seen.get(told.code)?.noted > asked);
      return { ...told, event: this.slug, ...(isOlder && only(known, PRESENCE)) };
    });
    this.kept = { event, cursor, keys, counts, at: Date.now() };
    this.keys = keys;
    entries.forEach((entry) => this.people.set(entry.code, entry));
    await store.keepRoster(this.slug, entries, this.kept).catch(() => {}); // no room: it is asked for again next time
  }

  // She was seen going in or out at `at`, by the server's clock as far as it is known. Gives the entry as it is now, or
  // null when something later is known already.
  see(code, { direction, at, since = at, door, name = "" }) {
    const last = this.#seen.get(code);
    if (last && new Date(at) < last.at) return null;
    const entry = this.people.get(code) ?? this.#stranger(code, name);
    const isInside = direction === "in";
    const wasInside = entry.is_inside;
    const presence = isInside
      ? { is_inside: true, since, door, entered_at: entry.entered_at ?? since }
      : { is_inside: false, since: null, door: "" };
    if (isInside !== wasInside) this.#count({ inside: isInside ? 1 : -1, arrived: isInside && !entry.entered_at ? 1 : 0 });
    this.#seen.set(code, { at: new Date(at), noted: performance.now() });
    return this.put({ ...entry, ...presence });
  }

  // Of a real ticket, or of somebody who was not registered: the server will tell the rest.
  #stranger(code, name) {
    return {
      code, name, event: this.slug, organisation: "", state: "confirmed", mode: "in_person", ticket_version: 0,
      is_inside: false, since: null, door: "", entered_at: null, group: null, needs_help: false,
    };
  }

  put(entry) {
    this.people.set(entry.code, entry);
    store.keepPeople([entry]).catch(() => {});
    return entry;
  }

  drop(code) {
    const entry = this.people.get(code);
    this.people.delete(code);
    this.#seen.delete(code);
    if (entry) store.forgetPerson(entry).catch(() => {});
  }

  // As if she had not been seen: `before` is her entry until then, if she had one.
  unsee(code, before) {
    const entry = this.people.get(code);
    const was = Boolean(before?.is_inside);
    if (entry && entry.is_inside !== was) this.#count({ inside: was ? 1 : -1 });
    if (before) this.put({ ...entry, ...only(before, PRESENCE) });
    else this.drop(code);
    this.#seen.delete(code);
  }

  // Somebody known here as `before` is `person` to the server.
  rename(before, person) {
    const entry = this.people.get(before);
    this.drop(before);
    if (entry && person) this.put({ ...entry, ...person });
  }

  get left() {
    return this.kept?.counts.left ?? null;
  }

  take() {
    this.#count({ left: -1 });
  }

  setCounts(counts) {
    if (this.kept) this.#keepCounts(counts);
  }

  #count(changes) {
    if (!this.kept) return;
    const counts = { ...this.kept.counts };
    for (const [name, by] of Object.entries(changes)) {
      if (Number.isFinite(counts[name])) counts[name] = Math.max(0, counts[name] + by);
    }
    this.#keepCounts(counts);
  }

  #keepCounts(counts) {
    this.kept = { ...this.kept, counts };
    store.set(`roster ${this.slug}`, this.kept, "relaxed").catch(() => {});
  }
}
