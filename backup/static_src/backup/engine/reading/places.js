// Where blobs lie: millions of ids, found by a keyed hash, so that nobody can choose ids that make looking slow.
import { random } from "../bytes.js";
import { TooLarge } from "../errors.js";
import { ENTRY, entry } from "../format/blobs.js";

const WORDS = ENTRY / 4;
const MOST = 12_000_000;
/** Copies of one blob that are tried at most. */
const COPIES = 16;

/** @typedef {{pack: Uint8Array, kind: string, entry: import("../format/blobs.js").Entry}} Place */

export class Places {
  #secrets = new Int32Array(random(32).buffer);
  /** Packs in the order in which they came, each with its entries as words. */
  #packs = [];
  #starts = [];
  #count = 0;
  #heads = new Int32Array(1 << 12).fill(-1);
  #next = new Int32Array(1 << 12);

  get size() {
    return this.#count;
  }

  /** @param {{name: Uint8Array, kind: string, entries: Uint8Array}} pack */
  add({ name, kind, entries }) {
    const words = new Int32Array(entries.slice().buffer);
    const count = words.length / WORDS;
    if (this.#count + count > MOST) throw new TooLarge(`more than ${MOST} pieces: restore this snapshot with the program`);
    this.#packs.push({ name: name.slice(), kind, words });
    this.#starts.push(this.#count);
    while (this.#count + count > this.#next.length) this.#grow();
    for (let each = 0; each < count; each++) this.#link(words, each * WORDS, this.#count + each);
    this.#count += count;
  }

  /** Every place of a blob. @param {Uint8Array} id @returns {Generator<Place>} */
  *find(id) {
    const wanted = new Int32Array(id.slice().buffer);
    let ordinal = this.#heads[this.#slot(wanted, 0)];
    for (let tries = 0; ordinal >= 0 && tries < COPIES; ordinal = this.#next[ordinal]) {
      const { pack, at } = this.#locate(ordinal);
      if (!wanted.every((word, each) => pack.words[at + each] === word)) continue;
      tries += 1;
      yield { pack: pack.name, kind: pack.kind, entry: entry(new DataView(pack.words.buffer), at * 4) };
    }
  }

  #locate(ordinal) {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= ordinal) low = middle;
      else high = middle;
    }
    return { pack: this.#packs[low], at: (ordinal - this.#starts[low]) * WORDS };
  }

  #link(words, at, ordinal) {
    const slot = this.#slot(words, at);
    this.#next[ordinal] = this.#heads[slot];
    this.#heads[slot] = ordinal;
  }

  #slot(words, at) {
    const secrets = this.#secrets;
    let sum = 0;
    for (let each = 0; each < 8; each++) sum = (sum + Math.imul(words[at + each] ^ secrets[each], secrets[(each + 1) & 7] | 1)) | 0;
    sum ^= sum >>> 15;
    return (Math.imul(sum, secrets[7] | 1) >>> 7) & (this.#heads.length - 1);
  }

  #grow() {
    this.#heads = new Int32Array(this.#heads.length * 2).fill(-1);
    this.#next = new Int32Array(this.#next.length * 2);
    this.#packs.forEach(({ words }, number) => {
      // The packs before the newest: that one is linked by whoever adds it.
      const stop = number + 1 < this.#packs.length ? words.length : 0;
      for (let at = 0; at < stop; at += WORDS) this.#link(words, at, this.#starts[number] + at / WORDS);
    });
  }
}
