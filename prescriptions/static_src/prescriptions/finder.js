// The arrow keys go from what is typed to what is found, and through it.
class Finder extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.go(event));
  }

  go(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && event.target.closest("a")) {
      this.querySelector("input").focus();
      return;
    }
    if (!step) return;
    const places = [this.querySelector("input"), ...this.querySelectorAll("#rx-found a")];
    const at = places.indexOf(event.target);
    const next = places[at + step];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  }
}

customElements.define("rx-finder", Finder);
