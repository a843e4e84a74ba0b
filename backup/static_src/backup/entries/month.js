// The calendar of a month by keyboard: arrows go from day to day, Page Up and Page Down from month to month.
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const TURNS = { PageUp: "prev", PageDown: "next" };

class MonthGrid extends HTMLElement {
  connectedCallback() {
    this.days = [...this.querySelectorAll("a.month-day")];
    this.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = TURNS[event.key] && document.querySelector(`.month-head a[rel="${TURNS[event.key]}"]`);
    const place = this.days.indexOf(document.activeElement);
    const day = event.key in STEPS ? this.days[place + STEPS[event.key]] : null;
    if (place < 0 || !(link || day)) return;
    event.preventDefault();
    if (link) link.click();
    else day.focus();
  }
}

customElements.define("month-grid", MonthGrid);
