// <key-desk>: look at a key of a repository, print it, split it, or make it again from its sheet or its shares, in a worker of this page.
import { Keeping } from "../keys/keeping.js";

const WORDS = 33;

class KeyDesk extends Keeping {
  connectedCallback() {
    super.connectedCallback();
    const form = this.part("choose");
    form.hidden = false;
    form.addEventListener("submit", (event) => (event.preventDefault(), void this.#look()));
    for (const way of form.elements.way) way.addEventListener("change", () => this.#show(way.value));
    this.#show(form.elements.way.value);
    this.part("another").addEventListener("click", () => this.#another());
  }

  get title() {
    return this.dataset.name;
  }

  /** The fields of one way to bring a key. */
  #show(chosen) {
    for (const way of this.querySelectorAll("[data-way]")) way.hidden = way.dataset.way !== chosen;
  }

  async #look() {
    if (this.busy) return;
    this.busy = true;
    this.calm();
    this.say("working", this.words("looking"));
    try {
      const passphrase = this.part("passphrase").value;
      const keyfile = await this.#brought().catch((error) => Promise.reject(error.kind === "damaged" ? { ...error, kind: "bad-keyfile" } : error));
      const seen = await this.engine.call("inspect", { keyfile, passphrase });
      const verdict = await this.#verdict(seen, passphrase);
      this.hold({ ...seen, passphrase, isProtected: seen.protected });
      this.#tell(seen, verdict);
      this.turn("seen");
    } catch (error) {
      this.fail(error);
    } finally {
      this.busy = false;
      this.say("working", "");
    }
  }

  /** The text of a keyfile, whatever it was brought as. */
  async #brought() {
    const way = this.part("choose").elements.way.value;
    if (way === "file") return this.#text(this.part("file"));
    if (way === "sheet") return (await this.engine.call("fromSheet", { lines: this.part("lines").value.split("\n") })).keyfile;
    const files = await Promise.all([...this.part("share-files").files].map((file) => file.text()));
    const typed = [...files.map(coded), ...apart(this.part("typed").value)];
    return (await this.engine.call("combine", { typed, store: this.dataset.objects })).keyfile;
  }

  async #text(field) {
    const [file] = field.files;
    if (!file) throw { kind: "no-file" };
    return file.text();
  }

  /** Whose key it is: told by what the repository says of itself, which its master key has signed. */
  async #verdict({ keyfile, repository }, passphrase) {
    if (repository !== this.dataset.repository) return "other";
    try {
      const { revoked } = await this.engine.call("open", { keyfile, passphrase, store: this.dataset.objects });
      return revoked ? "revoked" : "own";
    } catch (error) {
      if (error.kind === "key-refused") return "other";
      throw error;
    } finally {
      await this.engine.call("close");
    }
  }

  #tell({ role, label, control, key, mark, protected: isProtected }, verdict) {
    this.part("keeping").hidden = verdict === "other"; // its sheet would bear the name of this repository
    for (const each of this.querySelectorAll("[data-verdict]")) each.hidden = each.dataset.verdict !== verdict;
    this.say("role", this.words(role));
    this.say("label", label || "–");
    this.say("control", control);
    this.say("key", key);
    this.say("mark", mark);
    this.say("protected", this.words(isProtected ? "yes" : "no"));
  }

  #another() {
    this.forget();
    this.part("choose").reset();
    this.#show(this.part("choose").elements.way.value);
    this.turn("choose");
  }
}

/** What of a share's file is the share. */
const coded = (text) => text.split("\n").find((line) => /^\s*SHARE\//i.test(line)) ?? text;

/** The shares that were typed or scanned: apart by empty lines, or each on a line of its own. */
function apart(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  const isWhole = (line) => /^\s*SHARE\//i.test(line) || (line.match(/\p{L}+/gu) ?? []).length >= WORDS;
  const blocks = lines.some(isWhole) ? lines : text.split(/\n\s*\n/);
  return blocks.filter((block) => block.trim());
}

customElements.define("key-desk", KeyDesk);
