// What a person does to keep a key: its file, its sheet, its shares. All of it happens in this browser.
import { download } from "../engine/disk/target.js";
import { Parts } from "../sends/parts.js";
import { clear, print } from "./papers.js";

const language = document.documentElement.lang;
const MANY = 12;

export class Keeping extends Parts {
  /** The key in hand: its keyfile, role, control code and repository; `isProtected`; of a split, `shares`. */
  key = null;
  kept = new Set();

  connectedCallback() {
    this.part("download").addEventListener("click", () => this.#download());
    this.part("print").addEventListener("click", () => this.#tried(() => this.#print()));
    this.part("split").addEventListener("submit", (event) => (event.preventDefault(), this.#tried(() => this.#split())));
    this.part("print-shares").addEventListener("click", () => this.#printShares(this.key.shares));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.forget();
  }

  hold(key) {
    this.forget();
    this.key = key;
    this.part("splitting").hidden = key.role !== "master";
    this.part("shares").hidden = true;
    this.keep();
  }

  /** The key is nowhere in this page any more. */
  forget() {
    this.key = null;
    this.kept.clear();
    clear();
  }

  /** One more way in which the key is kept. */
  keep(way) {
    if (way) this.kept.add(way);
    for (const mark of this.querySelectorAll("[data-kept]")) mark.hidden = !this.kept.has(mark.dataset.kept);
  }

  /** The page brings every word, in the reader's language. */
  words(name, values = {}) {
    const said = this.querySelector(`[data-said="${name}"]`)?.textContent;
    return said?.replace(/\{(\w+)\}/g, (_all, place) => values[place]);
  }

  fail(error) {
    this.part("fault").hidden = false;
    this.say("why", this.why(error));
    this.part("fault").focus();
  }

  /** Where something was mistyped, or else what is wrong. */
  why({ faults, there, needed, kind, status, message }) {
    if (status) return message; // the server's own words
    if (needed) return this.words("too-few", { there, needed });
    if (faults) return Object.entries(faults).map(([number, fault]) => this.#slip(number, fault)).join(" ");
    return this.words(kind) ?? this.words("error");
  }

  #slip(number, fault) {
    const [, group] = /group (\d+)/.exec(fault) ?? [];
    const [, word] = /^(?:word|no word of the list in place) (\d+(?:, \d+)*)/.exec(fault) ?? [];
    if (word) return this.words("share-word", { number, word });
    if (fault.includes("33")) return this.words("share-cut", { number });
    if (group) return this.words("line-group", { number, group });
    return this.words(fault === "is missing" ? "line-missing" : "line-wrong", { number });
  }

  async #tried(act) {
    this.calm();
    try {
      await act();
    } catch (error) {
      this.fail(error);
    }
  }

  /** What the file is called. */
  get filename() {
    return `${this.dataset.project}-${this.key.repository.slice(0, 8)}`;
  }

  #download() {
    download(new Blob([this.key.keyfile], { type: "application/octet-stream" }), `${this.filename}.key`);
    this.keep("file");
  }

  async #print() {
    const { lines, code } = await this.engine.call("sheet", { keyfile: this.key.keyfile });
    const written = lines.join("\n");
    const slots = { ...this.#facts, control: this.key.control, role: this.words(this.key.role), [lines.length > MANY ? "many" : "lines"]: written };
    print(this.part("sheet-paper"), [{ code, slots, without: this.key.isProtected ? [] : ["protected"] }]);
    this.keep("sheet");
  }

  async #split() {
    const [threshold, count] = [Number(this.part("needed").value), Number(this.part("count").value)];
    if (threshold > count) return this.fail({ kind: "split-numbers" });
    const { keyfile, passphrase } = this.key;
    this.key.shares = await this.engine.call("split", { keyfile, passphrase, threshold, count });
    this.part("share-rows").replaceChildren(...this.key.shares.map((share) => this.#row(share)));
    this.part("shares").hidden = false;
    this.part("shares").focus();
  }

  #row(share) {
    const row = this.part("share-row").content.firstElementChild.cloneNode(true);
    const name = this.words("share-name", { number: share.number, count: share.count });
    row.querySelector("[data-name]").textContent = name;
    for (const [act, run] of Object.entries({ print: () => this.#printShares([share]), save: () => this.#saveShare(share, name) })) {
      const button = row.querySelector(`[data-act="${act}"]`);
      button.querySelector(".visually-hidden").textContent = ` ${name}`;
      button.addEventListener("click", () => {
        run();
        row.querySelector("[data-done]").hidden = false;
      });
    }
    return row;
  }

  #printShares(shares) {
    const sheets = shares.map((share) => ({ code: share.code, slots: { ...this.#facts, ...this.#ofShare(share), lines: numbered(share.words) } }));
    print(this.part("share-paper"), sheets);
    this.keptShares(shares);
  }

  #saveShare(share, name) {
    const { control, needed } = this.#ofShare(share);
    const lines = [name, needed, `${this.#facts.repository} · ${control}`, "", share.code, ""];
    download(new Blob([lines.join("\n")], { type: "text/plain" }), `${this.filename}-${share.number}.txt`);
    this.keptShares([share]);
  }

  /** A split is kept once each of its shares is. */
  keptShares(shares) {
    for (const share of shares) share.isKept = true;
    if (this.key.shares.every(({ isKept }) => isKept)) this.keep("shares");
  }

  #ofShare(share) {
    const control = share.code.split("/")[3];
    const { number, count, threshold } = share;
    return {
      name: this.words("share-name", { number, count }), needed: this.words("share-needed", { needed: threshold, count }),
      control: `${control.slice(0, 4)}-${control.slice(4)}`, split: share.split,
    };
  }

  /** What stands on every sheet. */
  get #facts() {
    const day = new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date());
    const { repository } = this.key;
    return { repository, title: this.title, address: `${location.host} · ${this.dataset.project}`, day, lines: "", many: "" };
  }
}

/** Words in three columns, as people read and type them. */
function numbered(words) {
  const cells = words.map((word, place) => `${String(place + 1).padStart(2)} ${word.padEnd(10)}`);
  const rows = Array.from({ length: Math.ceil(cells.length / 3) }, (_, row) => cells.slice(3 * row, 3 * row + 3).join("").trimEnd());
  return rows.join("\n");
}
