// The answers that this page gave lately: the server may still say them better, until the door has gone on.

const SAME = 3000; // ms during which the same person in the same direction is the same scan
const REMEMBERED = 200;

export class Given {
  #given = new Map(); // nonce → {item, answer, before, isOpen, isShown, isUndone, again, recent}
  #awaited = new Map(); // nonce → {end, timer}
  #recent = new Map(); // whose → {seen, direction, answer}

  // The promise of an answer: the one of a moment ago, or what `ask(recent)` begins.
  once(whose, direction, isDeliberate, ask) {
    const now = performance.now();
    for (const [other, { seen }] of this.#recent) if (now - seen > SAME) this.#recent.delete(other);
    const last = this.#recent.get(whose);
    if (last?.direction === direction && !isDeliberate) return last.answer;
    const recent = { seen: now, direction };
    this.#recent.set(whose, recent);
    recent.answer = ask(recent);
    recent.answer.catch(() => this.#recent.delete(whose));
    return recent.answer;
  }

  give(item, answer, { before, recent }) {
    this.#given.set(answer.nonce, { item, answer, before, isOpen: true, recent });
    if (this.#given.size > REMEMBERED) this.#given.delete(this.#given.keys().next().value);
  }

  // The answer to `nonce` as it stands by now, which is on its way to the screen.
  shown(nonce) {
    const given = this.#given.get(nonce);
    if (given) given.isShown = true;
    return given?.answer;
  }

  get(nonce) {
    return this.#given.get(nonce);
  }

  // Nonces of answers that may still stand on the screen.
  get open() {
    return [...this.#given].filter(([, { isOpen, isShown }]) => isOpen && isShown).map(([nonce]) => nonce);
  }

  isAwaited(nonce) {
    return this.#awaited.has(nonce);
  }

  // The server's answer to `nonce` is here. Whoever waits for it (true) waits from now on until it is told.
  isMet(nonce) {
    clearTimeout(this.#awaited.get(nonce)?.timer);
    return this.isAwaited(nonce);
  }

  hasGoneOn(nonce) {
    return this.#given.get(nonce)?.isOpen === false;
  }

  // The server's answer to `nonce`, or null when it is not there in time; `sent` ends when there is nothing to wait for.
  wait(nonce, patience, sent) {
    return new Promise((resolve) => {
      const end = (answer) => {
        this.#awaited.delete(nonce);
        resolve(answer);
      };
      this.#awaited.set(nonce, { end, timer: setTimeout(end, patience, null) });
      sent().then(() => end(null));
    });
  }

  // The server has said `answer`. Gives what is to be shown anew, if somebody was answered something else before.
  correct(nonce, answer) {
    const given = this.#given.get(nonce);
    const awaiting = this.#awaited.get(nonce);
    if (given) given.answer = { ...given.answer, ...answer };
    awaiting?.end(given?.answer ?? answer);
    if (!given) return null;
    if (given.recent && !awaiting) given.recent.answer = Promise.resolve(given.answer);
    return given.isShown && !awaiting ? given.answer : null;
  }

  // The same person again is a new scan, whatever was answered a moment ago.
  startAfresh() {
    this.#recent.clear();
  }

  clear() {
    this.#given.clear();
    this.#recent.clear();
  }
}
