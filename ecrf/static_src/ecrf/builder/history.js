// What was done, to be undone: every state of the definition with the words for what led to it.

const KEPT = 200;
const TOGETHER = 1500; // milliseconds between keystrokes that are undone as one

export class History {
  constructor(data, changed) {
    this.data = data;
    this.changed = changed;
    this.past = [];
    this.future = [];
  }

  /** Go on to another state. Changes of the same `thread` that follow each other closely are undone together. */
  change(label, data, thread = "") {
    if (data === this.data) return;
    const last = this.past.at(-1);
    const now = Date.now();
    if (!thread || !last || last.thread !== thread || now - last.at > TOGETHER) this.past.push({ label, data: this.data, thread, at: now });
    else last.at = now;
    if (this.past.length > KEPT) this.past.shift();
    this.future = [];
    this.data = data;
    this.changed();
  }

  /** Another definition altogether, which isn't the author's doing. */
  replace(data) {
    this.data = data;
    this.past = [];
    this.future = [];
    this.changed(false);
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  step(from, to) {
    const found = from.pop();
    if (!found) return "";
    to.push({ ...found, data: this.data, thread: "" });
    this.data = found.data;
    this.changed();
    return found.label;
  }
}
