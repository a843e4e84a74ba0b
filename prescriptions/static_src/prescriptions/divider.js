// The divider between what is written and what was read: moved with the mouse or the arrows, and remembered.
const KEPT = "rx-part";
const [LEAST, USUAL, MOST] = [20, 42, 75]; // percent of the width
const STEPS = { ArrowLeft: -2, ArrowRight: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };

class Divider extends HTMLElement {
  connectedCallback() {
    this.move(Number(localStorage.getItem(KEPT)) || USUAL);
    this.addEventListener("keydown", (event) => this.pressed(event));
    this.addEventListener("pointerdown", (event) => this.setPointerCapture(event.pointerId));
    this.addEventListener("pointermove", (event) => this.hasPointerCapture(event.pointerId) && this.dragged(event));
    this.addEventListener("dblclick", () => this.keep(USUAL));
  }

  move(share) {
    this.share = Math.min(MOST, Math.max(LEAST, share));
    this.parentElement.style.setProperty("--rx-part", `${this.share}fr`);
    this.parentElement.style.setProperty("--rx-rest", `${100 - this.share}fr`);
    this.setAttribute("aria-valuenow", Math.round(this.share));
  }

  keep(share) {
    this.move(share);
    localStorage.setItem(KEPT, this.share);
  }

  pressed(event) {
    const step = event.key === "Enter" ? USUAL - this.share : STEPS[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.keep(this.share + step);
  }

  dragged({ clientX }) {
    const { left, width } = this.parentElement.getBoundingClientRect();
    this.keep(((clientX - left) / width) * 100);
  }
}

customElements.define("rx-divider", Divider);
