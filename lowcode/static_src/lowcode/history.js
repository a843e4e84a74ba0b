// What was, so that it can be again.
const MOST = 200;

export class History {
  constructor(first) {
    this.past = [];
    this.now = first;
    this.future = [];
  }

  /** A new state. Changes of the same `kind` in quick succession (typing) are one step. */
  push(next, kind = "") {
    const at = Date.now();
    const joined = kind && kind === this.kind && at - this.at < 1500;
    if (!joined) this.past = [...this.past.slice(-MOST), this.now];
    this.now = next;
    this.future = [];
    this.kind = kind;
    this.at = at;
  }

  undo() {
    if (!this.past.length) return false;
    this.future = [this.now, ...this.future];
    this.now = this.past.at(-1);
    this.past = this.past.slice(0, -1);
    this.kind = "";
    return true;
  }

  redo() {
    if (!this.future.length) return false;
    this.past = [...this.past, this.now];
    [this.now, ...this.future] = this.future;
    this.kind = "";
    return true;
  }
}
