// Newcomers whom the server cannot take: {nonce, name, message, reason, fields, typed, moment}, until somebody puts them
// right or has seen to them elsewhere. Where the disk is full they are kept as long as this page stays open.

import * as store from "./store.js";

export class Problems {
  all = [];
  #loose = []; // found no room on the disk
  #gone = new Set(); // nonces of which a full disk does not let go

  async read() {
    const kept = (await store.get("problems")) ?? [];
    this.all = [...kept.filter(({ nonce }) => !this.#gone.has(nonce)), ...this.#loose];
  }

  find(nonce) {
    return this.all.find((problem) => problem.nonce === nonce);
  }

  add(problem) {
    this.#loose.push(problem);
    this.all = [...this.all, problem];
  }

  async drop(nonce) {
    this.#loose = this.#loose.filter((problem) => problem.nonce !== nonce);
    await store.dropProblem(nonce).catch(() => this.#gone.add(nonce));
    await this.read();
  }

  clear() {
    this.all = this.#loose = [];
    this.#gone.clear();
  }
}
