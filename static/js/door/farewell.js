// The end of a phone. One that was revoked sends once more what it saw, and then forgets everything; where that cannot be
// sent, names go at once and the scans as soon as they are.

import * as store from "./store.js";

export class Farewell {
  #queue;
  #keeper; // the book: token(), close(), gone(why)
  #isEnding = false;

  constructor(queue, keeper) {
    this.#queue = queue;
    this.#keeper = keeper;
  }

  // A disk that lets go of nothing is asked again when the page is opened anew.
  async forget(why) {
    this.#keeper.close();
    await store.wipe().catch(() => {});
    this.#keeper.gone(why);
  }

  // Does the server's refusal `body` say that this phone is one no more? Then it is none when this is answered.
  async isRevoked(body) {
    if (!["revoked", "unauthorised"].includes(body?.code)) return false;
    const token = this.#keeper.token();
    if (!token || this.#isEnding) return true;
    this.#isEnding = true;
    try {
      const hadToSend = (await this.#queue.all()).length > 0;
      if (await this.#queue.lastWords(token)) await this.forget(hadToSend ? "revoked.sent" : "revoked");
      else await this.#forgetNames(token);
    } finally {
      this.#isEnding = false;
    }
    return true;
  }

  async #forgetNames(token) {
    this.#keeper.close();
    await store.wipe(["state", "people"]);
    await store.set("last words", token);
    this.#keeper.gone("revoked.unsent");
  }

  async sayLastWords() {
    const token = await store.get("last words");
    if (!token || !(await this.#queue.lastWords(token))) return;
    if ((await store.get("last words")) !== token) return; // paired anew meanwhile
    await store.wipe();
    this.#keeper.gone("revoked.sent");
  }
}
