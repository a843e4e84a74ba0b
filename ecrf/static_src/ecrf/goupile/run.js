// Ask the worker of page scripts from a page. One request at a time; a later one for the same form replaces what waits.

const MILLISECONDS = 2000;
const PATIENCE = 3000; // more than a run may take, before the worker is ended
const START = 20000;

/** Runs scripts in a worker at this address. `run` answers with the evaluated form, or {ok: false, error: {code}}. */
export class Scripts {
  constructor(address, milliseconds = MILLISECONDS) {
    this.address = address;
    this.milliseconds = milliseconds;
    this.patience = milliseconds + PATIENCE;
    this.waiting = null;
    this.current = null;
    this.count = 0;
  }

  /** An answer, or null for a request that a later one replaced. */
  run(request) {
    return new Promise((resolve) => {
      this.waiting?.resolve(null);
      this.waiting = { request, resolve };
      this.next();
    });
  }

  next() {
    if (this.current || !this.waiting) return;
    this.current = { ...this.waiting, id: ++this.count };
    this.waiting = null;
    const fresh = !this.worker;
    if (fresh) this.start();
    this.worker.postMessage({ id: this.current.id, request: this.current.request, milliseconds: this.milliseconds });
    this.timer = setTimeout(() => this.giveUp("time"), fresh ? START : this.patience);
  }

  start() {
    this.worker = new Worker(this.address, { type: "module" });
    this.worker.onmessage = ({ data }) => {
      if (data.ready && this.current) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.giveUp("time"), this.patience);
      }
      if (data.broken) this.close();
      if (data.id !== undefined && data.id === this.current?.id) this.finish(data.answer);
      else if (data.broken) this.giveUp("no_runner");
    };
    this.worker.onerror = () => this.giveUp("no_runner");
  }

  finish(answer) {
    clearTimeout(this.timer);
    const { resolve } = this.current;
    this.current = null;
    resolve(answer);
    this.next();
  }

  giveUp(code) {
    this.close();
    if (this.current) this.finish({ ok: false, error: { code, message: "", file: "", line: null } });
  }

  close() {
    this.worker?.terminate();
    this.worker = null;
  }
}
