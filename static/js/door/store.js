// What this phone keeps: who it is, the roster, and what it still has to send. Everything in one IndexedDB.

const NAME = "convivio-door";
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("state");
      request.result.createObjectStore("people", { keyPath: ["event", "code"] });
      request.result.createObjectStore("queue", { keyPath: "id", autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

// Run `work(store)` in one transaction; resolves, once it is safely kept, with what its request gave.
async function within(name, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode);
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const get = (key) => within("state", "readonly", (store) => store.get(key));
export const set = (key, value) => within("state", "readwrite", (store) => store.put(value, key));

export const people = (event) =>
  within("people", "readonly", (store) => store.getAll(IDBKeyRange.bound([event], [event, []])));
export const keepPeople = (entries) =>
  within("people", "readwrite", (store) => {
    entries.forEach((entry) => store.put(entry));
  });

export const queue = () => within("queue", "readonly", (store) => store.getAll());
export const append = (item) => within("queue", "readwrite", (store) => store.add(item));
export const replace = (item) => within("queue", "readwrite", (store) => store.put(item));
export const queued = (id) => within("queue", "readonly", (store) => store.get(id));
export const sent = (id) => within("queue", "readwrite", (store) => store.delete(id));

export async function wipe() {
  for (const name of ["state", "people", "queue"]) {
    await within(name, "readwrite", (store) => store.clear());
  }
}
