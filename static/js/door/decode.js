// The QR reader: zxing's WebAssembly, and where a browser refuses that, `qr` in plain JavaScript.

// Resolves with a function from ImageData to the text of the first QR code in it, or null.
export async function makeDecoder({ zxing, wasm, qr }) {
  try {
    const reader = await import(zxing);
    const locateFile = (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path);
    await reader.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
    const options = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 };
    return async (image) => (await reader.readBarcodes(image, options))[0]?.text || null;
  } catch {
    const { decodeQR } = await import(qr);
    return async (image) => {
      try {
        return decodeQR(image) || null;
      } catch {
        return null;
      }
    };
  }
}
