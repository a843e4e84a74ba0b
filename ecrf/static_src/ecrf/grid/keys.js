// The arrows go from cell to cell of the grid, Home and End to the ends of a line; Tab goes on as everywhere.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

class EcrfGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#move(event));
  }

  #move(event) {
    const link = event.target.closest("tbody a");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    const lines = [...this.querySelectorAll("tbody tr")].map((line) => [...line.querySelectorAll("a")]);
    const at = lines.findIndex((line) => line.includes(link));
    const place = lines[at].indexOf(link);
    const to = this.#next(event.key, lines, at, place);
    if (!to) return;
    event.preventDefault();
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #next(key, lines, at, place) {
    if (key === "Home") return lines[at][0];
    if (key === "End") return lines[at].at(-1);
    const [down, right] = STEPS[key] ?? [0, 0];
    if (!down && !right) return null;
    return lines[at + down]?.[place + right] ?? null;
  }
}

customElements.define("ecrf-grid", EcrfGrid);
