// The two readers of QR codes and the ways in which they look at a frame: as it is, and where that gives nothing, made
// larger and sharper, softer, or as its darkest parts alone. `qr` (plain JavaScript, small) reads until zxing's
// WebAssembly is there, and for good where a browser refuses that. Runs in a worker (decode_worker.js) or in the page.

const OPTIONS = { formats: ["QRCode"], tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: 1 };
export const BUDGET = 100; // ms for one frame, after which the other ways wait for the next one

export async function loadQr(address) {
  const { decodeQR } = await import(address);
  return async (image) => {
    try {
      return decodeQR(image) || null;
    } catch {
      return null; // that is how it says that it found none
    }
  };
}

export async function loadZxing(address, wasm) {
  const reader = await import(address);
  const locateFile = (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path);
  await reader.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
  return async (image) => (await reader.readBarcodes(image, OPTIONS))[0]?.text || null;
}

// A reader of frames: `read(image)` is the text of the first code in it, or null; `first` and `others` are its two halves.
// The ways after the first take turns from frame to frame, so that a slow phone tries them all within a second.
export class Reader {
  #next = 0;
  qr = null;
  zxing = null;

  get engine() {
    return this.zxing ? "zxing" : this.qr ? "qr" : "";
  }

  async read(image, budget = BUDGET) {
    const end = performance.now() + budget;
    return (await this.first(image)) ?? this.others(image, end - performance.now());
  }

  async first(image) {
    const engine = this.zxing ?? this.qr;
    return engine ? engine(image) : null;
  }

  async others(image, budget = BUDGET) {
    if (!this.engine) return null;
    const end = performance.now() + budget;
    const ways = this.#ways();
    let text = null;
    for (let tried = 0; !text && tried < ways.length && performance.now() < end; tried++) {
      const way = ways[this.#next++ % ways.length];
      text = await way(image);
    }
    return text;
  }

  #ways() {
    const { qr, zxing } = this;
    const engine = zxing ?? qr;
    const ways = [
      (image) => engine(larger(sharper(stretched(image)))),
      (image) => engine(softer(stretched(image))),
      (image) => engine(darkest(stretched(image))),
    ];
    return zxing && qr ? [(image) => qr(image), ...ways] : ways;
  }
}

// ── Grey pictures: {width, height, grey} ────────────────────────

// From the darkest to the brightest hundredth over the whole range.
export function stretched({ width, height, data }) {
  const grey = new Uint8ClampedArray(width * height);
  const count = new Uint32Array(256);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
    count[grey[i]]++;
  }
  const few = grey.length / 100;
  let low = 0;
  let high = 255;
  for (let seen = count[0]; seen < few; seen += count[++low]);
  for (let seen = count[255]; seen < few; seen += count[--high]);
  const scale = 255 / Math.max(1, high - low);
  for (let i = 0; i < grey.length; i++) grey[i] = (grey[i] - low) * scale;
  return { width, height, grey };
}

// The mean of three by three.
function blurred({ width, height, grey }) {
  const across = new Uint16Array(grey.length);
  const mean = new Uint8ClampedArray(grey.length);
  for (let i = 1; i < grey.length - 1; i++) across[i] = grey[i - 1] + grey[i] + grey[i + 1];
  for (let i = width; i < grey.length - width; i++) mean[i] = (across[i - width] + across[i] + across[i + width]) / 9;
  return { width, height, grey: mean };
}

// Its edges drawn out again after a lens out of focus.
function sharper(picture) {
  const soft = blurred(blurred(blurred(blurred(picture))));
  const grey = new Uint8ClampedArray(picture.grey.length);
  for (let i = 0; i < grey.length; i++) grey[i] = picture.grey[i] + 4 * (picture.grey[i] - soft.grey[i]);
  return { ...picture, grey };
}

function larger({ width, height, grey }) {
  const twice = { width: width * 2, height: height * 2, grey: new Uint8ClampedArray(grey.length * 4) };
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0; x < width - 1; x++) {
      const at = y * width + x;
      const to = 2 * (y * twice.width + x);
      const [a, b, c, d] = [grey[at], grey[at + 1], grey[at + width], grey[at + width + 1]];
      twice.grey[to] = a;
      twice.grey[to + 1] = (a + b) >> 1;
      twice.grey[to + twice.width] = (a + c) >> 1;
      twice.grey[to + twice.width + 1] = (a + b + c + d) >> 2;
    }
  }
  return image(twice);
}

// A screen's dots and a sensor's grain melt together.
function softer(picture) {
  return image(blurred(blurred(picture)));
}

// Only what is nearly black is dark: a code cut out to its edge steps out of a grey wall.
function darkest({ width, height, grey }) {
  return image({ width, height, grey: grey.map((value) => (value < 70 ? 0 : 255)) });
}

function image({ width, height, grey }) {
  const data = new Uint8ClampedArray(4 * grey.length);
  for (let i = 0; i < grey.length; i++) {
    data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = grey[i];
    data[4 * i + 3] = 255;
  }
  return typeof ImageData === "undefined" ? { width, height, data } : new ImageData(data, width, height);
}
