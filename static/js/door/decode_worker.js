// The readers of QR codes in a worker of their own, so that the page never waits for them. Messages: {addresses} once,
// then {id, image, ways, budget}; answers {engine, isAll} when one is ready and when there are no more, and
// {id, text}, with the image as `unread` where the first way did not read it.

import { loadQr, loadZxing, Reader } from "./engines.js";

const reader = new Reader();

async function load({ qr, zxing, wasm }) {
  const tell = (isAll) => postMessage({ engine: reader.engine, isAll });
  await loadQr(qr).then((ready) => (reader.qr = ready), () => {});
  tell(false);
  await loadZxing(zxing, wasm).then((ready) => (reader.zxing = ready), () => {});
  tell(true);
}

addEventListener("message", async ({ data }) => {
  if (data.addresses) return load(data.addresses);
  const { id, image, ways = "read", budget } = data;
  const text = await reader[ways](image, budget).catch(() => null);
  if (text || ways !== "first") postMessage({ id, text });
  else postMessage({ id, text, unread: image }, [image.data.buffer]);
});

postMessage({ isAwake: true });
