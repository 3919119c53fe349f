// The reader as the page knows it: `read(image)` is the text of the first QR code in a frame, or null. It works in a worker;
// where a browser has none for modules it works in the page. Rings "ready" each time a better engine is there.

import { loadQr, loadZxing, Reader } from "./engines.js";

const PATIENCE = 6000; // ms after which a worker that says nothing is given up
const LOST = 5000; // ms after which a frame is

export class Decoder extends EventTarget {
  engine = "";
  #worker = null;
  #here = null; // a Reader in the page
  #waiting = new Map(); // id → resolve
  #id = 0;

  constructor(addresses) {
    super();
    try {
      this.#worker = new Worker(addresses.reader, { type: "module" });
    } catch {
      this.#readHere(addresses);
      return;
    }
    const giveUp = () => this.#readHere(addresses);
    const timer = setTimeout(giveUp, PATIENCE);
    this.#worker.addEventListener("error", giveUp, { once: true });
    this.#worker.addEventListener("message", ({ data }) => {
      if (data.isAwake) clearTimeout(timer);
      else if ("engine" in data) this.#is(data.engine);
      else this.#tell(data);
    });
    this.#worker.postMessage({ addresses });
  }

  async read(image, budget) {
    if (this.#here) return this.#here.read(image, budget).catch(() => null);
    const id = ++this.#id;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(() => this.#tell({ id, text: null }), LOST);
      this.#worker.postMessage({ id, image, budget }, [image.data.buffer]);
    });
  }

  #tell({ id, text }) {
    this.#waiting.get(id)?.(text);
    this.#waiting.delete(id);
  }

  #is(engine) {
    this.engine = engine;
    if (engine) this.dispatchEvent(new Event("ready"));
  }

  async #readHere({ qr, zxing, wasm }) {
    if (this.#here) return;
    this.#worker?.terminate();
    this.#worker = null;
    this.#here = new Reader();
    for (const id of this.#waiting.keys()) this.#tell({ id, text: null });
    await loadQr(qr).then((ready) => (this.#here.qr = ready), () => {});
    this.#is(this.#here.engine);
    await loadZxing(zxing, wasm).then((ready) => (this.#here.zxing = ready), () => {});
    this.#is(this.#here.engine);
  }
}
