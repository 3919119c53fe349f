// The readers of QR codes in a worker of their own, so that the page never waits for them. Messages: {addresses} once,
// then {id, image, budget}; answers {engine} when one is ready, and {id, text}.

import { loadQr, loadZxing, Reader } from "./engines.js";

const reader = new Reader();

async function load({ qr, zxing, wasm }) {
  const tell = () => postMessage({ engine: reader.engine });
  await loadQr(qr).then((ready) => (reader.qr = ready), () => {});
  tell();
  await loadZxing(zxing, wasm).then((ready) => (reader.zxing = ready), () => {});
  tell();
}

addEventListener("message", async ({ data }) => {
  if (data.addresses) return load(data.addresses);
  postMessage({ id: data.id, text: await reader.read(data.image, data.budget).catch(() => null) });
});

postMessage({ isAwake: true });
