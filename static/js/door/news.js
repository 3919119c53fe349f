// What changed on the server's list, asked for page by page: once at a time, and for the event at whose door this phone is.

import { ask } from "./api.js";

export class News {
  #roster;
  #keeper; // the book: phone(), unsent(), known(), isRevoked(body), noted(slug, facts), called(name), came()
  #running = null; // {slug, done}

  constructor(roster, keeper) {
    this.#roster = roster;
    this.#keeper = keeper;
  }

  refresh() {
    const slug = this.#keeper.phone()?.slug;
    if (!slug) return Promise.resolve();
    if (this.#running?.slug === slug) return this.#running.done;
    const done = this.#refresh(slug).finally(() => (this.#running = null));
    this.#running = { slug, done };
    return done;
  }

  async #refresh(slug) {
    const isElsewhere = () => this.#keeper.phone()?.slug !== slug;
    for (let more = true; more; ) {
      const since = this.#roster.kept?.cursor ?? "";
      const query = new URLSearchParams({ event: slug, since, unsent: this.#keeper.unsent() });
      const asked = performance.now();
      const { status, body } = await ask("GET", `checkin/roster?${query}`, { token: this.#keeper.phone().token });
      if (status === 401) return this.#keeper.isRevoked(body);
      if (isElsewhere()) return;
      if (status === 403 && body.code === "over") return this.#keeper.noted(slug, { isOver: true });
      if (status !== 200 || !body.cursor) return;
      const known = await this.#keeper.known();
      if (isElsewhere()) return;
      await this.#roster.merge(body, asked, known);
      const { id, title, closes_at } = body.event;
      await this.#keeper.noted(slug, { id, title, closes_at, isOver: false });
      await this.#keeper.called(body.phone);
      if (isElsewhere()) return;
      more = body.has_more;
    }
    await this.#keeper.came();
  }
}
