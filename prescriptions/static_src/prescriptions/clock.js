// For how long somebody works at a line: only while he acts, and the page is seen.
const PAUSE = 30_000; // longer without an act is a pause
const PACE = 500;

export class Clock {
  #last = 0;
  #spent = new Map();

  constructor(review) {
    this.review = review;
    for (const name of ["keydown", "pointermove", "pointerdown", "wheel", "focusin"])
      review.addEventListener(name, () => this.tick(), { passive: true });
  }

  tick() {
    const now = performance.now();
    const gap = now - this.#last;
    if (gap < PACE) return;
    this.#last = now;
    const card = document.activeElement?.closest("[data-line]");
    if (!card || document.hidden || gap > PAUSE) return;
    this.#spent.set(card.id, (this.#spent.get(card.id) ?? 0) + gap);
  }

  /** The seconds at a line since they were asked for last. */
  take(id) {
    this.tick();
    const spent = this.#spent.get(id) ?? 0;
    this.#spent.delete(id);
    return Math.round(spent / 1000);
  }
}
