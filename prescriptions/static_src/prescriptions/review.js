// The review: a field and its words in the text light up together; Ctrl+Enter validates a line and goes to the next.

/** "12-20 31-34" as pairs of numbers. */
export function spansOf(written) {
  return (written || "")
    .split(" ")
    .filter(Boolean)
    .map((pair) => pair.split("-").map(Number));
}

class Review extends HTMLElement {
  connectedCallback() {
    this.addEventListener("focusin", (event) => this.light(event.target.closest("[data-spans]"), true));
    this.addEventListener("mouseover", (event) => this.light(event.target.closest("[data-spans]"), false));
    this.addEventListener("click", (event) => this.toField(event.target.closest(".rx-text .rx-mark")));
    this.addEventListener("keydown", (event) => this.keys(event));
    this.addEventListener("htmx:afterSettle", (event) => this.settled(event));
  }

  get marks() {
    return [...this.querySelectorAll(".rx-text .rx-mark")];
  }

  get cards() {
    return [...this.querySelectorAll("[data-line]")];
  }

  light(field, scroll) {
    if (!field || field === this.lit) return;
    this.lit = field;
    const spans = spansOf(field.dataset.spans);
    let first = null;
    for (const mark of this.marks) {
      const on = spans.some(([start, end]) => start <= Number(mark.dataset.start) && Number(mark.dataset.end) <= end);
      mark.classList.toggle("is-lit", on);
      if (on) first ??= mark;
    }
    for (const other of this.querySelectorAll(".rx-field.is-lit")) other.classList.remove("is-lit");
    field.classList.add("is-lit");
    if (first && scroll) first.scrollIntoView({ block: "nearest" });
  }

  /** From a word of the text to the field that was read from it. */
  toField(mark) {
    if (!mark) return;
    const start = Number(mark.dataset.start);
    const holders = [...this.querySelectorAll("[data-spans]")].flatMap((field) =>
      spansOf(field.dataset.spans)
        .filter(([from, to]) => from <= start && start < to)
        .map(([from, to]) => [to - from, field]),
    );
    holders.sort((one, other) => one[0] - other[0]);
    const field = holders[0]?.[1];
    if (!field) return;
    field.closest("details")?.setAttribute("open", "");
    (field.querySelector(".rx-input") ?? field.closest("[data-line]")).focus();
    this.light(field, false);
  }

  keys(event) {
    const card = event.target.closest("[data-line]");
    if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const at = this.cards.indexOf(card);
      this.enter(this.cards[at + (event.key === "ArrowDown" ? 1 : -1)]);
    } else if (card && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.validate(card);
    }
  }

  /** A correction under way is saved first: its answer brings the card back, and is then validated. The new card obeys
   * htmx only once it has settled. */
  validate(card) {
    const input = document.activeElement?.closest(".rx-input");
    if (input && card.contains(input) && input.value !== input.defaultValue) {
      this.after = { id: card.id, act: "validate" };
      input.form.requestSubmit();
      return;
    }
    const button = card.querySelector("[data-validate]");
    if (!button) return this.enter(this.next(card));
    this.after = { id: card.id, act: "go on" };
    button.click();
  }

  settled(event) {
    const { after } = this;
    const card = after && document.getElementById(after.id);
    if (!card) return;
    this.after = null;
    if (event.detail.xhr.status >= 400 || card.querySelector(".rx-fault")) return;
    if (after.act === "validate") this.validate(card);
    else this.enter(this.next(card) ?? card);
  }

  next(card) {
    const cards = this.cards;
    const at = cards.indexOf(card);
    return [...cards.slice(at + 1), ...cards.slice(0, at)].find((each) => each.dataset.state === "waiting");
  }

  enter(card) {
    if (!card) return;
    card.scrollIntoView({ block: "nearest" });
    (card.querySelector(".is-unsure .rx-input") ?? card.querySelector(".rx-input") ?? card).focus();
  }
}

customElements.define("rx-review", Review);
