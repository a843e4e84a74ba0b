// <snapshot-browser>: the key opens the repository in a worker of this page, which ends when it is locked again.
import { toast } from "../../../../core/web/static_src/web/toast.js";
import { start } from "../engine/worker/client.js";
import { Parts } from "../sends/parts.js";
import { Comparison } from "./comparing.js";
import { Files } from "./files.js";
import { Panel } from "./panel.js";
import { ask, signedIn, tell } from "./portal.js";
import { Takings } from "./taking.js";
import { count, time, title, trouble } from "./words.js";

const READERS = ["master", "reader", "verifier"];
const LARGEST_KEYFILE = 64 * 1024;
const IDLE = 30 * 60_000, WARNED = 2 * 60_000, LOOK = 10_000;
const MOST_OFFERED = 1000;

class SnapshotBrowser extends Parts {
  /** Of the repository, oldest first (worker/shown.js), and the one that is shown. */
  snapshots = [];
  current = null;

  connectedCallback() {
    this.files = new Files(this);
    this.panel = new Panel(this);
    this.takings = new Takings(this);
    this.comparison = new Comparison(this);
    this.querySelector('[data-turn="closed"]').hidden = false;
    this.part("form").addEventListener("submit", (event) => (event.preventDefault(), void this.open()));
    this.part("shut").addEventListener("click", () => this.lock());
    this.part("earlier").addEventListener("click", () => this.hop(this.beside(-1)));
    this.part("later").addEventListener("click", () => this.hop(this.beside(1)));
    this.part("hop").addEventListener("change", ({ target }) => this.hop(this.snapshots.find(({ id }) => id === target.value)));
    this.part("compare").addEventListener("click", () => void this.comparison.open());
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, this.touch, { passive: true });
    addEventListener("pagehide", this.leave);
  }

  get engine() {
    if (!this.started) {
      const engine = (this.started = start(this.dataset.worker));
      engine.onSessionOver = async () => {
        await signedIn();
        await engine.call("signedIn");
      };
    }
    return this.started;
  }

  async open() {
    const { keyfile, passphrase, reason } = this.part("form").elements;
    const button = this.part("open");
    this.calm();
    button.disabled = true;
    this.say("opening", gettext("Opening…"));
    try {
      const [file] = keyfile.files;
      if (!file || file.size > LARGEST_KEYFILE) throw Object.assign(new Error("keyfile"), { kind: "bad-keyfile" });
      const key = { keyfile: await file.text(), passphrase: passphrase.value };
      const { role, number } = await this.engine.call("open", { ...key, store: this.dataset.objects, seen: this.seen, waits: true });
      if (!READERS.includes(role)) throw Object.assign(new Error(role), { kind: "no-reader" });
      this.seen = number;
      const { repository, snapshot } = this.dataset;
      this.opening = await ask("POST", this.dataset.openings, { repository, snapshot, reason: reason.value });
      const { snapshots, problems } = await this.engine.call("snapshots");
      this.snapshots = snapshots;
      this.part("form").reset();
      await this.begin(problems);
    } catch (error) {
      this.fail(error);
      this.end();
    } finally {
      button.disabled = false;
      this.say("opening", "");
    }
  }

  async begin(problems) {
    const wanted = this.snapshots.find(({ id }) => id === this.dataset.id);
    const shown = wanted ?? this.snapshots.at(-1);
    if (!shown) throw Object.assign(new Error("no snapshot"), { kind: "missing" });
    if (!wanted) toast(gettext("This backup is gone from the repository: the newest is shown."), "warning");
    this.part("tools").hidden = false;
    this.doubt(problems);
    this.touch();
    this.watch = setInterval(() => this.look(), LOOK);
    this.turn("files");
    await this.show(shown, "");
  }

  /** What isn't in order with the row of snapshots. */
  doubt(problems) {
    this.part("doubt").hidden = !problems.length;
    this.say("doubt-title", count((n) => ngettext("%s thing in the repository isn’t in order", "%s things in the repository aren’t in order", n), problems.length));
    this.part("doubt-list").replaceChildren(
      ...problems.slice(0, 20).map(({ object, message }) => Object.assign(document.createElement("li"), { textContent: object ?? message })),
    );
  }

  async show(snapshot, path) {
    this.current = snapshot;
    const name = [title(snapshot), ...(snapshot.forgotten ? [gettext("forgotten")] : [])].join(" · ");
    this.say("heading", interpolate(gettext("Files of the backup of %s"), [name]));
    this.offer();
    this.files.clear();
    this.panel.close();
    await this.files.go(path, { nearest: true });
    await this.rename(snapshot);
  }

  hop(snapshot) {
    if (!snapshot || snapshot === this.current) return;
    this.turn("files");
    void this.show(snapshot, this.files.path);
  }

  get siblings() {
    return this.snapshots.filter(({ source }) => source === this.current.source);
  }

  /** The snapshot of the same source so many places from this one. */
  beside(step) {
    return this.siblings[this.siblings.indexOf(this.current) + step];
  }

  offer() {
    const options = this.siblings.slice(-MOST_OFFERED).reverse();
    if (!options.includes(this.current)) options.push(this.current);
    this.part("hop").replaceChildren(...options.map((each) => new Option(title(each), each.id, false, each === this.current)));
    this.part("earlier").disabled = !this.beside(-1);
    this.part("later").disabled = !this.beside(1);
    this.part("compare").disabled = this.snapshots.length < 2;
  }

  /** The address follows the backup that is shown: after a reload it is the same one. */
  async rename({ id }) {
    if (id === this.dataset.id) return;
    try {
      const { results } = await ask("GET", `${this.dataset.snapshots}?snapshot_id=${id}`);
      if (!results.length || this.current?.id !== id) return;
      history.replaceState(history.state, "", location.pathname.replace(this.dataset.snapshot, results[0].id));
      this.querySelector(".workbench-back").href = "..";
      Object.assign(this.dataset, { id, snapshot: results[0].id });
    } catch (error) {
      this.fail(error);
    }
  }

  /** The highest state of the repository that this browser has seen: an older one is noticed. */
  get seen() {
    return Number(localStorage.getItem(`backup.config.${this.dataset.repository}`)) || 0;
  }

  set seen(number) {
    localStorage.setItem(`backup.config.${this.dataset.repository}`, Math.max(number, this.seen));
  }

  touch = () => {
    this.touched = Date.now();
    if (this.opening && !this.part("tools").hidden)
      this.say("lock", interpolate(gettext("Open in this browser. Locks itself when it isn’t used for %s minutes."), [IDLE / 60_000]));
  };

  look() {
    if (this.takings.busy) this.touch();
    const left = this.touched + IDLE - Date.now();
    if (left <= 0) this.lock(gettext("Locked: nothing was done for a while. Give the key again to go on."));
    else if (left <= WARNED) this.say("lock", interpolate(gettext("Locks itself at %s: move on to keep it open."), [time(this.touched + IDLE)]));
  }

  /** The key and all that was read are gone with the worker. */
  lock(words = gettext("Locked: the key is forgotten.")) {
    this.end();
    this.part("form").reset();
    this.turn("closed");
    toast(words, "info");
  }

  end() {
    if (this.opening) ask("POST", `${this.dataset.openings}${this.opening.id}/close/`).catch((error) => this.fail(error));
    clearInterval(this.watch);
    this.started?.close();
    this.started = undefined;
    this.opening = null;
    this.current = null;
    this.snapshots = [];
    this.takings.forget();
    this.comparison.forget();
    this.files.forget();
    this.panel.close();
    this.part("tools").hidden = true;
    this.part("hop").replaceChildren();
    this.say("lock", gettext("Locked: it opens with your key"));
    this.say("heading", gettext("Files of a backup"));
  }

  leave = () => {
    if (this.opening) tell(`${this.dataset.openings}${this.opening.id}/close/`);
    this.started?.close();
  };

  fail(error) {
    if (error.kind === "stopped" || !this.isConnected) return;
    this.part("fault").hidden = false;
    this.say("why", trouble(error));
    this.part("fault").scrollIntoView({ block: "nearest" });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const kind of ["keydown", "pointerdown"]) document.removeEventListener(kind, this.touch);
    removeEventListener("pagehide", this.leave);
    this.leave();
  }
}

customElements.define("snapshot-browser", SnapshotBrowser);
