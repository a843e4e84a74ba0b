// The review workbench: what is written and what was read of it light up together, and the keyboard does everything.
import { Clock } from "./clock.js";
import { act, close, open } from "./keys.js";
import { Viewer } from "./viewer.js";

/** "12-20 31-34" as pairs of numbers. */
export function spansOf(written) {
  return (written || "")
    .split(" ")
    .filter(Boolean)
    .map((pair) => pair.split("-").map(Number));
}

export class Review extends HTMLElement {
  connectedCallback() {
    this.viewer = this.querySelector(".rx-page") && new Viewer(this);
    this.clock = new Clock(this);
    this.addEventListener("focusin", ({ target }) => this.light(target.closest("[data-spans]"), true));
    this.addEventListener("mouseover", ({ target }) => this.hover(target));
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("pointerdown", ({ target }) => open(target.closest(".rx-input"), false));
    this.addEventListener("focusout", ({ target }) => this.left(target));
    this.addEventListener("keydown", (event) => act(this, event));
    document.addEventListener("htmx:configRequest", this.asking);
    document.addEventListener("htmx:beforeRequest", this.begun);
    document.addEventListener("htmx:afterRequest", this.ended);
    document.addEventListener("htmx:afterSettle", this.settled);
    // at once, before a next key: a letter that is meant to act must never be typed into a field that has just come
    this.watch = new MutationObserver((changes) => changes.some((each) => each.addedNodes.length) && this.came());
    this.watch.observe(this.querySelector("#rx-lines").parentElement, { childList: true, subtree: true });
    this.prepare();
    if (matchMedia("(pointer: fine)").matches) this.enter(this.next(null), { preventScroll: true });
  }

  disconnectedCallback() {
    this.watch.disconnect();
    document.removeEventListener("htmx:configRequest", this.asking);
    document.removeEventListener("htmx:beforeRequest", this.begun);
    document.removeEventListener("htmx:afterRequest", this.ended);
    document.removeEventListener("htmx:afterSettle", this.settled);
  }

  get marks() {
    return [...this.querySelectorAll("#rx-text .rx-mark")];
  }

  get cards() {
    return [...this.querySelectorAll("[data-line]")];
  }

  get inputs() {
    return [...this.querySelectorAll(".rx-input")].filter((input) => input.checkVisibility());
  }

  /** Fields are looked at until somebody opens one: so letters can act. */
  prepare() {
    for (const input of this.querySelectorAll(".rx-input")) input.readOnly = !input.matches(".is-invalid, [data-open]");
    this.viewer?.colour(this.marks);
  }

  /** New lines are there: the keyboard stays with the review until it is led on. */
  came() {
    this.prepare();
    if (document.activeElement === document.body) this.querySelector("#rx-lines").focus({ preventScroll: true });
  }

  hover(target) {
    const box = target.closest(".rx-box, #rx-text .rx-mark");
    this.light(box ? this.holder(Number(box.dataset.start)) : target.closest("[data-spans]"), false);
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
    for (const other of this.querySelectorAll("[data-spans].is-lit")) other.classList.remove("is-lit");
    field.classList.add("is-lit");
    this.viewer?.light(spans, scroll);
    if (first && scroll) first.scrollIntoView({ block: "nearest" });
  }

  clicked({ target, shiftKey }) {
    const word = target.closest(".rx-box, #rx-text .rx-mark");
    if (word?.matches(".rx-box")) {
      const place = { start: Number(word.dataset.start), end: Number(word.dataset.end) };
      if (shiftKey && this.passage) {
        place.start = Math.min(place.start, this.passage.start);
        place.end = Math.max(place.end, this.passage.end);
      }
      this.passage = place;
      this.viewer.choose(place);
    }
    if (word && !shiftKey) this.toField(Number(word.dataset.start));
    if (target.closest("[data-split]")) this.splitting();
    if (target.closest("[data-close-split]")) this.closeSplit();
  }

  /** The narrowest field, or line, that was read from this character. */
  holder(start) {
    const holders = [...this.querySelectorAll("[data-spans]")].flatMap((field) =>
      spansOf(field.dataset.spans)
        .filter(([from, to]) => from <= start && start < to)
        .map(([from, to]) => [to - from, field]),
    );
    holders.sort((one, other) => one[0] - other[0]);
    return holders[0]?.[1];
  }

  /** From a word to the field that was read from it. */
  toField(start) {
    const field = this.holder(start);
    if (!field) return;
    field.closest("details")?.setAttribute("open", "");
    (field.querySelector(".rx-input") ?? field.closest("[data-line]") ?? field.querySelector("button"))?.focus();
    this.light(field, false);
  }

  /** A field that is left keeps nothing but what was sent. */
  left(input) {
    if (input.matches?.(".rx-input:not(.is-invalid)") && input.value === input.defaultValue) close(input);
  }

  /** What every request of the review says besides: the order of the lines, and the time spent at one. */
  asking = ({ detail }) => {
    if (detail.verb === "get") return;
    if (new URLSearchParams(location.search).get("order") === "doubts") detail.parameters.order = "doubts";
    const card = detail.elt.closest("[data-line]");
    if (card) detail.parameters.seconds = String(this.clock.take(card.id));
  };

  // While the answer to an act is awaited, keys wait too: they are meant for what it brings.
  later = [];
  begun = ({ detail }) => {
    this.busy = detail.requestConfig.verb !== "get";
  };

  ended = ({ detail }) => {
    if (!detail.successful && detail.xhr.status !== 422) this.free();
  };

  free() {
    this.busy = false;
    while (this.later.length && !this.busy) this.later.shift()();
  }

  /** New cards are in the page: go on where the act led. */
  settled = ({ target, detail }) => {
    if (target.closest("#rx-split-form")) return this.splitShown();
    if (!target.matches("[data-line], #rx-lines")) return; // what came along beside it
    if (target.matches("#rx-lines")) this.closeSplit();
    this.lit = null;
    this.prepare(); // htmx gives what it put in its attributes only now
    const board = this.querySelector("#rx-lines");
    if (board.dataset.focus) {
      const card = document.getElementById(board.dataset.focus);
      delete board.dataset.focus;
      this.enter(card);
    } else this.goOn(detail.xhr.status);
    this.free();
  };

  goOn(status) {
    const { after } = this;
    const card = after && document.getElementById(after.id);
    if (!card) return;
    this.after = null;
    const refused = status >= 400 || card.querySelector(".rx-fault");
    if (refused) return card.querySelector(".rx-input.is-invalid")?.focus();
    if (after.act === "validate") this.settle(card, "validate");
    else if (after.act === "stay") document.getElementById(after.field)?.focus();
    else this.enter(this.next(card) ?? card);
  }

  /** A correction under way is saved first: its answer brings the card back, and the act follows. */
  settle(card, name) {
    const input = document.activeElement?.closest(".rx-input");
    if (input && card.contains(input) && input.value !== input.defaultValue) {
      this.after = { id: card.id, act: "validate" };
      input.form.requestSubmit();
      return;
    }
    const button = card.querySelector(`[data-${name}]`);
    if (!button) {
      if (name === "validate") this.enter(this.next(card));
      return;
    }
    this.after = { id: card.id, act: name === "back" ? "stay" : "go on" };
    button.click();
  }

  /** The next line that waits, from this one on and around. */
  next(card) {
    const cards = this.cards;
    const at = cards.indexOf(card);
    return [...cards.slice(at + 1), ...cards.slice(0, at + 1)].find((each) => each.dataset.state === "waiting");
  }

  enter(card, how) {
    if (!card) return;
    const visible = [...card.querySelectorAll(".rx-field")].filter((field) => field.checkVisibility());
    const field = visible.find((each) => each.matches(".is-unsure")) ?? visible[0];
    if (!how) card.scrollIntoView({ block: "nearest" });
    (field?.querySelector(".rx-input") ?? card).focus(how);
  }

  // splitting -------------------------------------------------------------------------------------------------------

  splitting() {
    this.splitFrom = document.activeElement;
  }

  splitShown() {
    const dialog = this.querySelector("#rx-split");
    if (dialog.open || !dialog.querySelector("form")) return;
    dialog.showModal();
    dialog.querySelector("input:checked")?.focus();
  }

  closeSplit() {
    const dialog = this.querySelector("#rx-split");
    if (dialog.open) dialog.close();
  }

  // a line from a passage -------------------------------------------------------------------------------------------

  /** The words selected in the text, or those chosen on the page. */
  selected() {
    const text = this.querySelector("#rx-text");
    const selection = getSelection();
    if (selection.rangeCount && !selection.isCollapsed && text.contains(selection.getRangeAt(0).commonAncestorContainer)) {
      const range = selection.getRangeAt(0);
      const before = document.createRange();
      before.setStart(text, 0);
      before.setEnd(range.startContainer, range.startOffset);
      const start = before.toString().length;
      return { start, end: start + range.toString().length };
    }
    return this.passage;
  }

  addLine() {
    const form = this.querySelector("#rx-add");
    const place = this.selected();
    if (!form) return;
    form.elements.start.value = place?.start ?? 0;
    form.elements.end.value = place?.end ?? 0;
    form.requestSubmit();
  }
}

customElements.define("rx-review", Review);
