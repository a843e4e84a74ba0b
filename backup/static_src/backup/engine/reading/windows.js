// Small parts of objects that lie close together: read in windows, the last of which are kept.
import { concat } from "../bytes.js";

const WINDOW = 512 << 10;
const KEPT = 64;

export class Windows {
  #kept = new Map();

  /** @param {import("../stores/http.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /** As `fetchObject`. */
  async read(name, offset, length) {
    const first = Math.floor(offset / WINDOW);
    const last = Math.floor((offset + Math.max(length, 1) - 1) / WINDOW);
    const numbers = Array.from({ length: last - first + 1 }, (_, each) => first + each);
    const windows = await Promise.all(numbers.map((number) => this.#window(name, number)));
    const start = offset - first * WINDOW;
    return (windows.length === 1 ? windows[0] : concat(...windows)).subarray(start, start + length);
  }

  #window(name, number) {
    const label = `${name} ${number}`;
    const window = this.#kept.get(label) ?? this.store.fetchObject(name, number * WINDOW, WINDOW);
    // What was used last is last to go.
    this.#kept.delete(label);
    this.#kept.set(label, window);
    window.catch(() => this.#kept.delete(label));
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    return window;
  }
}
