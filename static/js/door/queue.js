// What this phone still has to send, in the order in which it happened: scans, people who were not registered, undos.
// Everything is on the disk before anybody is answered. A nonce makes it harmless to send twice; only an answer of the
// server takes it away, and an error never does: it is tried again, after a growing pause. Of several tabs, one sends.
//
// Where this phone let somebody in by itself and the door has gone on (`happened`), the server is told that it happened
// (`force`). If it had been refused before it was told so, it is told again, under a nonce made from the first.

import { ask } from "./api.js";
import * as clock from "./clock.js";
import { nameOf } from "./newcomer.js";
import * as store from "./store.js";

const BATCH = 200;
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds after one error, two, …
const GONE_ON = 60_000; // ms after which no answer stands on a screen any more
const PATHS = { scan: "checkin/scans", undo: "checkin/scans/undo", "walk-in": "checkin/walk-ins" };
export const UNREGISTERED = "walk-in:"; // begins the code of somebody whom the server does not know yet
export const AGAIN = "-f"; // ends the nonce of what is told again

// Somebody who was not registered, as a scan of her name.
const asScan = (item) =>
  item.kind === "scan" ? item : { ...item, kind: "scan", body: { nonce: item.body.nonce, code: "", reason: nameOf(item.body), direction: "in" } };

export class Queue {
  #keeper; // the book: token(), measure(), isRevoked(body), isMet(nonce), hasGoneOn(nonce), told(item, result, body, came), changed()
  #unkept = []; // what found no room on the disk
  #stuck = new Set(); // ids of what was answered, and of which a full disk does not let go
  #running = null;
  #next = null;
  #errors = 0;
  #resting = 0; // until then nothing is tried because of a scan, by performance.now()
  #timer = 0;

  constructor(keeper) {
    this.#keeper = keeper;
  }

  get hasUnkept() {
    return this.#unkept.length > 0;
  }

  // Did the last attempt fail?
  get isFailing() {
    return this.#errors > 0;
  }

  async all() {
    const kept = await store.queue();
    return [...kept.filter(({ id }) => !this.#stuck.has(id)), ...this.#unkept];
  }

  // Resolves, once it is on the disk, with whether it is: else it is kept only as long as this page stays open.
  async append(item) {
    item.made = Date.now();
    try {
      item.id = await store.append(item);
      return true;
    } catch {
      item.id = -Math.random();
      this.#unkept.push({ ...item });
      return false;
    }
  }

  async rewrite(change) {
    this.#unkept = this.#unkept.map((item) => change(item) ?? item);
    await store.rewrite(change);
  }

  // The door has gone on after the answers to these: what they let in is in.
  async happened(items) {
    const ids = items.map(({ id }) => id);
    this.#unkept.forEach((item) => ids.includes(item.id) && (item.happened = true));
    await store.change(ids, (item) => ({ ...item, happened: true }));
  }

  // Whatever was let in before this page was opened is in, too; and nobody waits for a registration that is no more.
  async recover(problems) {
    const walkIns = (await this.all()).filter(({ kind }) => kind === "walk-in").map(({ body }) => body.nonce);
    const awaited = new Set([...walkIns, ...problems.map(({ nonce }) => nonce)].map((nonce) => UNREGISTERED + nonce));
    await this.rewrite((item) => {
      const happened = item.happened || item.told === "ok";
      const isOrphan = item.kind === "scan" && !isReady({ ...item, isAside: false }) && !awaited.has(item.body.code);
      const isNew = happened !== Boolean(item.happened) || isOrphan || item.isAside;
      return isNew && { ...item, happened, isOrphan, isAside: false };
    });
  }

  // Nobody will be registered under this code: what was scanned of it is sent as it is.
  release(code) {
    return this.rewrite((item) => item.kind === "scan" && item.body.code === code && { ...item, isOrphan: true });
  }

  // Send what waits. `patiently`: not while a server that is in trouble was asked a moment ago.
  flush({ patiently = false } = {}) {
    if (patiently && performance.now() < this.#resting) return this.#running ?? Promise.resolve();
    if (this.#next) return this.#next;
    const work = async () => {
      await this.#running;
      this.#next = null;
      const mine = (this.#running = alone(() => this.#send()).catch(() => {}));
      await mine;
      if (this.#running === mine) this.#running = null;
    };
    return (this.#next = work());
  }

  // What a revoked phone saw, sent once more: the server keeps it although it says 401. False: not all of it went.
  async lastWords(token) {
    const scans = (await this.all()).filter((item) => item.kind !== "undo").map(asScan);
    for (const batch of batches(scans)) {
      const { status, body } = await ask("POST", PATHS.scan, { token, body: this.#body(batch, 0) });
      if (status !== 200 && !(status === 401 && body?.code === "revoked")) return false;
    }
    return true;
  }

  forget() {
    this.#unkept = [];
    this.#stuck.clear();
    clearTimeout(this.#timer);
  }

  async #send() {
    clearTimeout(this.#timer);
    await this.#rescue();
    for (;;) {
      const all = await this.all();
      const [batch] = batches(all.filter(isReady));
      if (!batch || !this.#keeper.token()) return;
      if (!clock.isMeasured() && batch.some(({ moment }) => clock.offsetOf(moment) === null)) await this.#keeper.measure();
      if ((await this.#deliver(batch, all.length - batch.length)) === "later") return;
      await this.#keeper.changed();
    }
  }

  async #deliver(batch, unsent) {
    const { kind } = batch[0];
    const sent = this.#body(batch, unsent);
    const { status, body } = await ask("POST", PATHS[kind], { token: this.#keeper.token(), body: sent });
    if (status === 401 && (await this.#keeper.isRevoked(body))) return "later";
    if (isTrouble(status) || status === 401 || !isOurs(kind, status, body)) return this.#rest(status);
    this.#errors = this.#resting = 0;
    if (status >= 400 && batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      const first = await this.#deliver(batch.slice(0, half), unsent + batch.length - half);
      return first === "later" ? first : this.#deliver(batch.slice(half), unsent);
    }
    if (kind !== "undo" && (status === 403 || status === 404)) return this.#putAside(batch[0]);
    for (const [index, item] of batch.entries()) {
      const { force = false } = sent.scans?.[index] ?? sent;
      await this.#settle({ item, status, body, wasForced: force });
    }
    return "sent";
  }

  // This phone may not say it, or not any more: it stays, and is tried again when the page is opened anew.
  async #putAside({ id }) {
    await this.rewrite((item) => item.id === id && { ...item, isAside: true });
    return "sent";
  }

  #rest(status) {
    const seconds = PAUSES[Math.min(this.#errors++, PAUSES.length - 1)];
    this.#resting = status ? performance.now() + seconds * 1000 : 0;
    this.#timer = setTimeout(() => this.flush(), seconds * 1000 * (0.75 + Math.random() / 2));
    return "later";
  }

  #body(batch, unsent) {
    const [{ kind, event }] = batch;
    const bodies = batch.map(bodyOf);
    return kind === "scan" ? { event, scans: bodies, unsent } : { event, ...bodies[0] };
  }

  async #settle({ item, status, body, wasForced }) {
    const { nonce } = item.body;
    const result = status >= 400 ? null : body.results ? body.results.find((one) => one.nonce === nonce) : body;
    const isAwaited = this.#keeper.isMet(nonce);
    const next = (kept, all) => {
      const happened = hasHappened(kept) || (kept.told === "ok" && this.#keeper.hasGoneOn(nonce));
      return outcome({ kept, all, result, body, wasForced, happened, isAwaited });
    };
    const unkept = this.#unkept.find(({ id }) => id === item.id);
    const settled = unkept ? this.#settleUnkept(unkept, next) : store.settle(item.id, next);
    const came = await settled.catch(() => this.#settleStuck(item.id, next));
    if (came?.recode && (came.isUnkept || this.hasUnkept)) await this.rewrite(store.recoded(came.recode)).catch(() => {});
    await this.#keeper.told(item, result ?? null, body, came ?? {});
  }

  async #settleUnkept(item, next) {
    const came = next(item, await this.all());
    this.#unkept = this.#unkept.flatMap((one) => (one === item ? (came.again ?? []) : [one]));
    if (came.drop) this.#dropped(came.drop);
    return { ...came, isUnkept: true };
  }

  #dropped(id) {
    this.#unkept = this.#unkept.filter((one) => one.id !== id);
    this.#stuck.add(id);
  }

  // Until there is room again it counts as gone; a page that is opened before that sends it once more, which is harmless.
  async #settleStuck(id, next) {
    const all = await this.all();
    const item = all.find((one) => one.id === id);
    if (!item) return null;
    const came = next(item, all);
    this.#stuck.add(id);
    if (came.drop) this.#dropped(came.drop);
    if (came.again) this.#unkept.push({ ...came.again, id: -Math.random() });
    return { ...came, isUnkept: true };
  }

  async #rescue() {
    if (this.#stuck.size) await store.drop([...this.#stuck]).then(() => this.#stuck.clear(), () => {});
    for (const { id, ...item } of [...this.#unkept]) {
      try {
        await store.append(item);
      } catch {
        return;
      }
      this.#unkept = this.#unkept.filter((one) => one.id !== id);
    }
  }
}

const isTrouble = (status) => status === 0 || status === 408 || status === 429 || status >= 500;
const hasHappened = (item) => item.happened || (item.told === "ok" && Math.abs(Date.now() - item.made) > GONE_ON);

// Scans of somebody whose registration was refused wait until that is put right.
const isReady = ({ kind, body, isOrphan, isAside }) =>
  !isAside && (kind !== "scan" || isOrphan || !body.code.startsWith(UNREGISTERED));

function* batches(items) {
  for (let from = 0, to; from < items.length; from = to) {
    const { kind, event } = items[from];
    const most = kind === "scan" ? BATCH : 1;
    to = from + 1;
    while (to < items.length && to - from < most && items[to].kind === kind && items[to].event === event) to++;
    yield items.slice(from, to);
  }
}

function bodyOf(item) {
  const { body, moment } = item;
  const offset = clock.offsetOf(moment);
  return {
    ...body,
    at: moment.at,
    ...(offset !== null && { clock_offset: offset }),
    ...(item.kind !== "undo" && hasHappened(item) && { force: true }),
  };
}

// Is it an answer of our server, not of somebody on the way?
function isOurs(kind, status, body) {
  if (status >= 400) return typeof body.code === "string";
  return kind === "scan" ? Array.isArray(body.results) : typeof body.nonce === "string";
}

// What comes of `kept` now that the server said `result`, or refused it (null) for `body`'s reason; see `store.settle`.
function outcome({ kept, all, result, body, wasForced, happened, isAwaited }) {
  const { nonce } = kept.body;
  if (kept.kind === "walk-in") {
    if (result?.person) return { recode: { from: UNREGISTERED + nonce, to: result.person.code } };
    if (result) return {};
    if (happened && !wasForced) return { again: { ...kept, happened: true } };
    return isAwaited ? {} : { problem: problemOf(kept, body) };
  }
  const isRefused = kept.kind === "scan" && result?.status === "refused" && result.reason !== "invalid";
  if (!isRefused || !happened || nonce.endsWith(AGAIN)) return {};
  const undone = all.find((one) => one.kind === "undo" && one.body.nonce === nonce);
  if (undone) return { drop: undone.id };
  return { again: { ...kept, happened: true, body: { ...kept.body, nonce: nonce + AGAIN } } };
}

function problemOf({ event, moment, body: typed }, { code, message, fields }) {
  const name = `${typed.first_name} ${typed.last_name ?? ""}`.trim();
  return { nonce: typed.nonce, event, name, message, reason: code, fields: fields ?? {}, typed, moment };
}

// Only one tab at a time, unless one has kept the others waiting for too long: sent twice is harmless, not at all is not.
async function alone(work) {
  if (!navigator.locks || !AbortSignal.timeout) return work();
  try {
    return await navigator.locks.request("door queue", { signal: AbortSignal.timeout(20_000) }, work);
  } catch (error) {
    if (error.name !== "TimeoutError" && error.name !== "AbortError") throw error;
    return work();
  }
}
