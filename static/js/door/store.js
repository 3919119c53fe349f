// What this phone keeps: who it is, the roster, and what it still has to send. Everything in one IndexedDB.
// What must survive a dead battery (`state`, `queue`) is on the disk before it counts as kept. A browser that was killed
// may find its database corrupt and begin an empty one: who it is and what it has to send lie in a second place, too.

const NAME = "convivio-door";
const PAIRED = "door paired"; // a cache: that it is there tells the worker that this phone is a door's; holds the copies
const LONGEST_COPY = 500; // ms that anybody waits for a copy
const COPY = "/door-copy/"; // begins their addresses, which nobody ever asks for
let opened = null;
export let isFull = false; // did what was last to be written find no room?

function open() {
  opened ??= patiently(attempt);
  opened.catch(() => (opened = null));
  return opened;
}

function attempt() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("state");
      request.result.createObjectStore("people", { keyPath: ["event", "code"] });
      request.result.createObjectStore("queue", { keyPath: "id", autoIncrement: true });
    };
    request.onsuccess = () => {
      request.result.onclose = () => (opened = null);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

// A browser that was killed may leave its files locked for a moment.
async function patiently(work) {
  for (const pause of [200, 500, 1000]) {
    try {
      return await work();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return work();
}

// Some browsers let go of the database while the page is hidden, and do not say so.
async function begun(names, mode, durability) {
  try {
    return (await open()).transaction(names, mode, { durability });
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    opened = null;
    return (await open()).transaction(names, mode, { durability });
  }
}

// Run `work(...stores)` in one transaction; resolves, once it is safely kept, with what its request gave.
async function within(names, mode, work, durability) {
  try {
    const result = await run(names, mode, work, durability);
    if (mode === "readwrite") isFull = false;
    return result;
  } catch (error) {
    isFull ||= lacksRoom(error);
    throw error;
  }
}

// Is there a place, but no room in it? Each browser says it in its own way.
export const lacksRoom = ({ name, message }) => name === "QuotaExceededError" || /\b(full disk|disk full|quota)\b/i.test(message);

async function run(names, mode, work, durability = "strict") {
  const transaction = await begun(names, mode, durability);
  return new Promise((resolve, reject) => {
    const fail = () => reject(transaction.error ?? new DOMException("", "AbortError"));
    transaction.onerror = transaction.onabort = fail;
    const request = work(...[names].flat().map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
  });
}

export const get = (key) => within("state", "readonly", (store) => store.get(key));
export async function set(key, value, durability) {
  const kept = within("state", "readwrite", (store) => store.put(value, key), durability);
  await (key === "phone" ? Promise.all([kept, copy("phone", value)]) : kept);
}

const ofEvent = (event) => IDBKeyRange.bound([event], [event, []]);
export const people = (event) => within("people", "readonly", (store) => store.getAll(ofEvent(event)));
export const person = (event, code) => within("people", "readonly", (store) => store.get([event, code]));
export const keepPeople = (entries) => within("people", "readwrite", putAll(entries), "relaxed");
export const forgetPerson = ({ event, code }) =>
  within("people", "readwrite", (store) => store.delete([event, code]), "relaxed");

// A page of the roster and the cursor behind it: both or neither, so that an interrupted sync goes on from there.
export const keepRoster = (event, entries, roster) =>
  within(["people", "state"], "readwrite", (peopleStore, state) => {
    putAll(entries)(peopleStore);
    state.put(roster, `roster ${event}`);
  });

function putAll(entries) {
  return (store) => {
    entries.forEach((entry) => store.put(entry));
  };
}

export const queue = () => within("queue", "readonly", (store) => store.getAll());
export async function append(item) {
  const kept = within("queue", "readwrite", (store) => store.add(item));
  const [id] = await Promise.all([kept, copy(nameOf(item), item)]);
  return id;
}

// Change those of these items that are still in the queue.
export const change = (ids, changed) =>
  within("queue", "readwrite", (store) => {
    for (const id of ids) {
      store.get(id).onsuccess = ({ target: { result } }) => result && store.put(changed(result));
    }
  });

// Change those items of the queue for which `change(item)` gives another one.
export const rewrite = (change) =>
  within("queue", "readwrite", (store) => {
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      const changed = change(cursor.value);
      if (changed) cursor.update(changed);
      cursor.continue();
    };
  });

// The item `id` was answered. `next(item, all)` says what comes of it as it stands by now, all of it or nothing:
// it is told `again`, becomes a `problem`, another item is to `drop`, a code is known by another one (`recode`).
export async function settle(id, next) {
  let came = null;
  let done = [];
  await within(["queue", "state"], "readwrite", (items, state) => {
    items.getAll().onsuccess = ({ target: { result: all } }) => {
      const item = all.find((one) => one.id === id);
      if (!item) return;
      came = next(item, all);
      done = all.filter((one) => one.id === came.drop || one === item);
      if (came.again) items.put(came.again);
      else items.delete(id);
      if (came.drop) items.delete(came.drop);
      if (came.recode) all.map(recoded(came.recode)).forEach((one) => one && items.put(one));
      if (came.problem) addTo(state, "problems", came.problem);
    };
  });
  await dropCopies(done.map(nameOf));
  if (came?.again) await copy(nameOf(came.again), came.again);
  return came;
}

// These were answered before, when the disk let go of nothing.
export async function drop(ids) {
  let gone = [];
  await within("queue", "readwrite", (items) => {
    items.getAll().onsuccess = ({ target: { result: all } }) => {
      gone = all.filter(({ id }) => ids.includes(id));
      gone.forEach(({ id }) => items.delete(id));
    };
  });
  await dropCopies(gone.map(nameOf));
}

export const dropProblem = (nonce) =>
  within("state", "readwrite", (state) => {
    state.get("problems").onsuccess = ({ target: { result } }) => {
      if (result) state.put(result.filter((problem) => problem.nonce !== nonce), "problems");
    };
  });

// ── The second place ──────────────────────────────────────────

const nameOf = ({ kind, body }) => `queue/${kind}/${encodeURIComponent(body.nonce)}`;

// No room, too slow, or no such place where the address is not a safe one: then there is one copy only.
async function copy(name, value) {
  const put = async () => (await caches.open(PAIRED)).put(COPY + name, new Response(JSON.stringify(value)));
  await Promise.race([put().catch(() => {}), new Promise((resolve) => setTimeout(resolve, LONGEST_COPY))]);
}

async function dropCopies(names) {
  try {
    if (!names.length || !(await caches.has(PAIRED))) return;
    const cache = await caches.open(PAIRED);
    await Promise.all(names.map((name) => cache.delete(COPY + name)));
  } catch {
    // sent once more it changes nothing
  }
}

// Who this phone is, by its copy where the database has forgotten it; what it had to send is in the queue again.
export async function recovered() {
  const known = await get("phone");
  try {
    if (!(await caches.has(PAIRED))) return known;
    const cache = await caches.open(PAIRED);
    const phone = known ?? (await (await cache.match(`${COPY}phone`))?.json());
    if (!phone) return null;
    const there = new Set((await queue()).map(nameOf));
    const requests = (await cache.keys()).filter(({ url }) => url.includes(`${COPY}queue/`));
    const items = await Promise.all(requests.map(async (request) => (await cache.match(request)).json()));
    const missing = items.filter((item) => !there.has(nameOf(item))).sort((one, other) => momentOf(one) - momentOf(other));
    await within(["queue", "state"], "readwrite", (queueStore, state) => {
      missing.forEach(({ id, ...item }) => queueStore.add(item));
      state.put(phone, "phone");
    });
    return phone;
  } catch {
    return known;
  }
}

const momentOf = ({ moment }) => new Date(moment.at).getTime();

// Gives an item with its code changed, or nothing where it has another one.
export const recoded = ({ from, to }) => (item) =>
  item.body.code === from && { ...item, code: to, body: { ...item.body, code: to } };

function addTo(state, key, value) {
  state.get(key).onsuccess = ({ target: { result } }) => state.put([...(result ?? []), value], key);
}

// The worker shows a door's phone the page it kept, and anybody else the page of the network.
export async function notePaired(isPaired) {
  try {
    await (isPaired ? caches.open(PAIRED) : caches.delete(PAIRED));
  } catch {
    // no such thing where the address is not a safe one: there is no worker either
  }
}

export async function wipe(names = ["state", "people", "queue"]) {
  if (names.includes("state")) await notePaired(false);
  await within(names, "readwrite", (...stores) => {
    stores.forEach((store) => store.clear());
  });
}
