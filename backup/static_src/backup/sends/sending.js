// <sealed-send>: a form, then a bar, then a link. After a reload it goes on with the same file.
import { unhex } from "../engine/bytes.js";
import { forget, keep, known } from "./kept.js";
import { copies, Parts } from "./parts.js";
import { call } from "./server.js";
import { upload } from "./upload.js";
import { size } from "./words.js";

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

/** What a file and its upload are known by, however they go out. */
class Outgoing extends Parts {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => (event.preventDefault(), void this.run()));
    this.part("stop")?.addEventListener("click", () => this.stopping?.abort(new Error("stopped")));
    this.part("again")?.addEventListener("click", () => void this.run());
    const field = this.part("link");
    if (field) copies(this.part("copy"), field);
    if (this.begun) this.goOn();
  }

  value(name) {
    return this.form.elements[name]?.value ?? "";
  }

  /** What was begun here and isn't finished. */
  get begun() {
    const found = known(this.key);
    return found?.state && found;
  }

  /** Ask for the same file again. */
  goOn() {
    const { name, bytes, isProtected } = this.begun;
    this.part("interrupted").hidden = false;
    this.say("name", name);
    this.say("size", size(bytes));
    for (const each of this.form.querySelectorAll("[data-new]")) each.hidden = true;
    if (this.part("secret")) this.part("secret").hidden = !isProtected;
  }

  async run() {
    const [file] = this.form.elements.file.files;
    if (!file) return this.form.elements.file.reportValidity();
    this.calm();
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    this.say("name", file.name);
    this.turn("sending");
    this.guard(true);
    try {
      const passphrase = this.value("passphrase");
      const before = this.begun && this.same(file);
      const message = before ? before.message : this.value("message");
      const made = await this.engine.call("seal", { name: "file", file, message, passphrase, state: before?.state });
      const place = before ? await this.taken(before) : await this.begin(made, { file, message, passphrase });
      const meter = this.meter(made.size);
      await upload({
        engine: this.engine, size: made.size, piece: Number(this.dataset.piece), have: place.have, addressOf: place.addressOf,
        keep: (state) => keep(this.key, { state }), progress: meter, signal,
      });
      await place.finish();
      this.guard(false);
      this.finished(made);
    } catch (error) {
      this.guard(false);
      this.turn("form");
      if (this.begun) this.goOn();
      if (error.status === 409) this.over(error);
      if (!signal.aborted) this.fail(error);
    } finally {
      this.rest();
      await this.engine.call("sealed", { name: "file" }).catch(() => {});
    }
  }

  /** Throws where another file was chosen. */
  same(file) {
    const { begun } = this;
    if (file.name !== begun.name || file.size !== begun.bytes || file.lastModified !== begun.modified)
      throw new Error(interpolate(gettext("This isn’t the file that was begun. Choose “%(name)s” as it was, or begin anew."), { name: begun.name }, true));
    return begun;
  }

  remember(key, made, { file, message, passphrase }, more) {
    keep(key, {
      name: file.name, bytes: file.size, modified: file.lastModified, message, isProtected: Boolean(passphrase),
      key: made.link, state: made.state, ...more,
    });
  }

  over() {}
}

class SealedSend extends Outgoing {
  connectedCallback() {
    // What was begun in another browser goes on there.
    this.wasBegun = Boolean(this.dataset.id);
    this.hidden = this.wasBegun && !this.begun;
    super.connectedCallback();
  }

  get key() {
    return this.dataset.link ?? "";
  }

  async begin(made, what) {
    const most = Number(this.value("most_fetches")) || null;
    const data = { project: this.dataset.project, size: made.size, days: Number(this.value("days")), most_fetches: most };
    const row = await call("POST", this.dataset.api, data);
    this.dataset.link = row.link;
    this.dataset.id = row.id;
    this.remember(row.link, made, what, {});
    history.replaceState(null, "", `${this.dataset.page}${row.id}/`);
    return this.place([]);
  }

  async taken() {
    const { numbers } = await call("GET", `${this.dataset.api}${this.dataset.id}/pieces/`);
    return this.place(numbers);
  }

  place(have) {
    const own = `${this.dataset.api}${this.dataset.id}/`;
    return { have, addressOf: (number) => `${own}piece/${number}/`, finish: () => call("POST", `${own}finish/`) };
  }

  finished({ link }) {
    keep(this.key, { state: null });
    if (this.wasBegun) return location.reload(); // the page of the file says how it stands now
    this.part("link").value = `${location.origin}/sealed/${this.key}/#${link}`;
    this.part("details").href = `${this.dataset.page}${this.dataset.id}/`;
    this.turn("sent");
  }
}

class SealedDrop extends Outgoing {
  connectedCallback() {
    if (!/^#[\w-]{43}$/.test(location.hash)) return this.fail({ kind: "bad-keyfile" });
    this.part("more").addEventListener("click", () => (this.form.reset(), this.turn("form")));
    return super.connectedCallback();
  }

  get key() {
    return `to ${this.dataset.request}`;
  }

  async begin(made, what) {
    const given = location.hash.slice(1);
    const envelope = await this.engine.call("envelope", { given, request: this.dataset.request, link: made.link });
    const { token } = await call("POST", this.dataset.api, { size: made.size, envelope: base64(unhex(envelope)) });
    this.remember(this.key, made, what, { token });
    return this.place(token, []);
  }

  async taken({ token }) {
    const { numbers } = await call("GET", `${this.dataset.api}${token}/pieces/`);
    return this.place(token, numbers);
  }

  place(token, have) {
    const own = `${this.dataset.api}${token}/`;
    return { have, addressOf: (number) => `${own}piece/${number}/`, finish: () => call("POST", `${own}finish/`) };
  }

  /** What the server takes no more of can't go on. */
  over() {
    forget(this.key);
    this.part("interrupted").hidden = true;
  }

  finished() {
    this.over();
    for (const each of this.form.querySelectorAll("[data-new]")) each.hidden = false;
    this.turn("sent");
  }
}

customElements.define("sealed-send", SealedSend);
customElements.define("sealed-drop", SealedDrop);
