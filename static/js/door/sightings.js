// What this door saw, and what the server says to it, as it changes the list: who is inside, since when, under which code.
// The other tabs of this phone hear of it.

import * as clock from "./clock.js";
import * as newcomer from "./newcomer.js";
import * as tabs from "./tabs.js";

export class Sightings {
  #roster;
  #phone; // () => who this phone is

  constructor(roster, phone) {
    this.#roster = roster;
    this.#phone = phone;
  }

  see({ body, moment, code }, { direction, since, door, name, reason }) {
    const at = clock.momentOf(moment).toISOString();
    const wasThere = reason === "already_in" && since;
    const entry = this.#roster.see(code ?? body.code, {
      direction, at, name, since: wasThere ? since : at, door: wasThere ? door : this.#phone().name,
    });
    if (entry) tabs.tell("seen", entry);
  }

  // Somebody who is not registered: an entry of her own, so that the next scan or search finds her.
  welcome({ body, moment, code }) {
    const { people } = this.#roster;
    if (people.has(code)) return;
    const at = clock.momentOf(moment).toISOString();
    this.#roster.take();
    this.#roster.see(code, { direction: "in", at, door: this.#phone().name, name: newcomer.nameOf(body) });
    tabs.tell("seen", this.#roster.put({ ...people.get(code), organisation: body.organisation ?? "" }));
  }

  // What was scanned before this page was opened and is not sent yet.
  replay(item) {
    if (item.event !== this.#phone().slug || item.told !== "ok") return;
    if (item.kind === "walk-in") this.welcome(item);
    else if (item.kind === "scan") this.see(item, { direction: item.body.direction });
  }

  // The server's `answer` to `item`, of which `came` something in the queue; `shown` is what this phone had answered.
  believe(item, answer, came, shown) {
    if (item.kind === "walk-in") return this.#register(item, answer, came);
    const code = answer.code ?? item.code;
    const isInside = { already_in: true, not_in: false }[answer.reason] ?? item.body.direction === "in";
    if (answer.status === "ok" || answer.status === "repeated") {
      const isKnown = item.told === "ok" && answer.status === "ok";
      if (!isKnown) this.see({ ...item, code }, { ...answer, direction: isInside ? "in" : "out" });
    } else if (item.told === "ok" && !came.again && shown) this.#roster.unsee(item.code, shown.before);
  }

  #register(item, answer, came) {
    if (came.again || came.problem) return;
    const isRegistered = answer.status !== "refused" && answer.code;
    const { code, name, organisation, group } = answer;
    const needs = { needs_help: answer.needsHelp ?? false };
    this.#roster.rename(item.code, isRegistered ? { code, name, organisation, group, ...needs } : null);
    tabs.tell("renamed", { before: item.code, entry: isRegistered ? this.#roster.people.get(code) : null });
  }

  // ── What another tab saw ────────────────────────────────────

  hear(entry) {
    if (this.#isHere(entry)) this.#roster.people.set(entry.code, { ...entry, ...this.#facts(entry.code) });
  }

  hearNewName({ before, entry }) {
    this.#roster.people.delete(before);
    if (entry && this.#isHere(entry)) this.#roster.people.set(entry.code, entry);
  }

  #isHere(entry) {
    return entry.event === this.#phone()?.slug;
  }

  // What a tab with an older list may not change.
  #facts(code) {
    const { name, organisation, state, mode, ticket_version, group, needs_help } = this.#roster.people.get(code) ?? {};
    return state ? { name, organisation, state, mode, ticket_version, group, needs_help } : {};
  }
}
