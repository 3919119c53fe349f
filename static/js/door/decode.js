// The reader as the page knows it: `read(image)` is the text of the first QR code in a frame, or null. It works in a worker;
// where a browser has none for modules it works in the page. Rings "ready" each time a better engine is there.
// For the camera there is `glance(image)`: a second worker takes its time over what the first does not read at once, so
// that the next ticket never waits for a frame in which there was none.

import { loadQr, loadZxing, Reader } from "./engines.js";

const PATIENCE = 6000; // ms after which a worker that says nothing is given up
const LOST = 5000; // ms after which a frame is

export class Decoder extends EventTarget {
  engine = "";
  #addresses;
  #worker = null;
  #second = null; // the one that takes its time
  #late = null; // what it has found meanwhile
  #here = null; // a Reader in the page

  constructor(addresses) {
    super();
    this.#addresses = addresses;
    const heard = ({ engine, isAll }) => {
      this.#is(engine);
      if (isAll && engine) this.#second ??= new RemoteReader(addresses, () => {}, () => {});
    };
    try {
      this.#worker = new RemoteReader(addresses, heard, () => this.#readHere());
    } catch {
      this.#readHere();
    }
  }

  async read(image, budget) {
    if (this.#here) return this.#here.read(image, budget).catch(() => null);
    return (await this.#worker.read(image, { budget })).text;
  }

  async glance(image) {
    if (this.#here || !this.#second?.engine) return this.read(image);
    const { text, unread } = await this.#worker.read(image, { ways: "first" });
    if (unread && !this.#second.isBusy) {
      this.#second.read(unread, { ways: "others" }).then((found) => (this.#late = found.text));
    }
    const late = this.#late;
    this.#late = null;
    return text ?? late;
  }

  #is(engine) {
    this.engine = engine;
    if (engine) this.dispatchEvent(new Event("ready"));
  }

  async #readHere() {
    if (this.#here) return;
    const { qr, zxing, wasm } = this.#addresses;
    this.#here = new Reader();
    this.#worker?.end();
    this.#worker = null;
    await loadQr(qr).then((ready) => (this.#here.qr = ready), () => {});
    this.#is(this.#here.engine);
    await loadZxing(zxing, wasm).then((ready) => (this.#here.zxing = ready), () => {});
    this.#is(this.#here.engine);
  }
}

// A Reader in a worker. `heard({engine, isAll})` is called when an engine is there, `failed()` when the worker never wakes.
class RemoteReader {
  engine = "";
  #worker;
  #waiting = new Map(); // id → resolve
  #id = 0;

  constructor(addresses, heard, failed) {
    this.#worker = new Worker(addresses.reader, { type: "module" });
    const timer = setTimeout(failed, PATIENCE);
    this.#worker.addEventListener("error", failed, { once: true });
    this.#worker.addEventListener("message", ({ data }) => {
      if (data.isAwake) return clearTimeout(timer);
      if (!("engine" in data)) return this.#tell(data);
      this.engine = data.engine;
      heard(data);
    });
    this.#worker.postMessage({ addresses });
  }

  get isBusy() {
    return this.#waiting.size > 0;
  }

  // Resolves with {text} and the image, where it was only looked at once and is `unread`.
  read(image, how) {
    const id = ++this.#id;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(() => this.#tell({ id, text: null }), LOST);
      this.#worker.postMessage({ id, image, ...how }, [image.data.buffer]);
    });
  }

  end() {
    this.#worker.terminate();
    for (const id of this.#waiting.keys()) this.#tell({ id, text: null });
  }

  #tell({ id, ...found }) {
    this.#waiting.get(id)?.(found);
    this.#waiting.delete(id);
  }
}
