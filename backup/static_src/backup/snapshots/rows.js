// A table of any number of rows, of which some hundreds are drawn at a time; by keyboard one goes through all of them.
import { number } from "./words.js";

export const PAGE = 200;

export class Rows {
  items = [];
  #page = 0;
  #at = 0;

  /**
   * @param {HTMLElement} box around the table @param {HTMLElement} pager @param {HTMLElement} shown says which rows are shown
   * @param {{draw: (item: object, index: number) => HTMLTableCellElement[], columns: HTMLTableCellElement[], keys?: Record<string, (item: object) => void>}} about
   *   `draw` gives the cells; the button with `data-main` in them is the row's own
   */
  constructor(box, pager, shown, { draw, columns, keys = {} }) {
    Object.assign(this, { box, pager, shown, draw, keys });
    this.body = box.querySelector("tbody");
    box.querySelector("thead tr").replaceChildren(...columns);
    this.body.addEventListener("keydown", (event) => this.#key(event));
    this.body.addEventListener("focusin", ({ target }) => this.#reached(Number(target.closest("tr").dataset.index)));
    pager.querySelector('[data-page="back"]').addEventListener("click", () => this.#turn(this.#page - 1));
    pager.querySelector('[data-page="on"]').addEventListener("click", () => this.#turn(this.#page + 1));
  }

  /** @param {object[]} items @param {number} at the row that the keyboard comes to first */
  show(items, at = 0) {
    this.items = items;
    this.#at = Math.max(0, Math.min(at, items.length - 1));
    this.#page = Math.floor(this.#at / PAGE);
    this.redraw();
  }

  redraw() {
    const start = this.#page * PAGE;
    const rows = this.items.slice(start, start + PAGE).map((item, each) => {
      const row = document.createElement("tr");
      row.dataset.index = start + each;
      row.setAttribute("role", "row"); // a phone shows rows as cards, which would be no table to who listens
      row.append(...this.draw(item, start + each));
      return row;
    });
    this.body.replaceChildren(...rows);
    this.box.hidden = !rows.length;
    this.pager.hidden = this.items.length <= PAGE;
    const words = { first: number(start + 1), last: number(start + rows.length), all: number(this.items.length) };
    this.shown.textContent = interpolate(gettext("%(first)s to %(last)s of %(all)s"), words, true);
    const [back, on] = this.pager.querySelectorAll("button");
    back.disabled = !this.#page;
    on.disabled = start + PAGE >= this.items.length;
    this.#reached(this.#at);
  }

  /** Puts the keyboard on a row. */
  focus(index = this.#at) {
    if (!this.items.length) return;
    const wanted = Math.max(0, Math.min(index, this.items.length - 1));
    this.#at = wanted;
    if (Math.floor(wanted / PAGE) !== this.#page) {
      this.#page = Math.floor(wanted / PAGE);
      this.redraw();
    }
    this.#row(wanted)?.querySelector("[data-main]").focus();
  }

  #row(index) {
    return this.body.querySelector(`tr[data-index="${index}"]`);
  }

  /** Only one row is a stop of the Tab key. */
  #reached(index) {
    this.#at = index;
    for (const stop of this.body.querySelectorAll("[data-stop]")) stop.tabIndex = Number(stop.closest("tr").dataset.index) === index ? 0 : -1;
  }

  #turn(page) {
    this.#page = page;
    this.#at = page * PAGE;
    this.redraw();
    this.box.scrollIntoView({ block: "nearest" });
    this.focus();
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const own = event.target.matches("[data-main], input"); // other buttons of a row do what buttons do
    const moves = { ArrowDown: this.#at + 1, ArrowUp: this.#at - 1, Home: 0, End: this.items.length - 1, PageDown: this.#at + 20, PageUp: this.#at - 20 };
    const act = own && this.keys[event.key];
    if (event.key in moves) this.focus(moves[event.key]);
    else if (act && !(event.key === " " && event.target.matches("input"))) act(this.items[this.#at]);
    else return;
    event.preventDefault();
  }
}

/** @param {string} label of the column, which a phone shows before the value */
export function cell(label, ...content) {
  const made = document.createElement("td");
  made.setAttribute("role", "cell");
  if (label) made.dataset.label = label;
  made.append(...content);
  return made;
}

export function column(...content) {
  const made = document.createElement("th");
  made.scope = "col";
  made.setAttribute("role", "columnheader");
  made.append(...content);
  return made;
}

export function button(word, act, { look = "", symbol = null } = {}) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: `btn ${look}` });
  if (symbol) made.append(symbol);
  made.append(word);
  made.addEventListener("click", act);
  return made;
}
