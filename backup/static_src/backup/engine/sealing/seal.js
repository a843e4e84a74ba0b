// A file sealed in the browser, fragment by fragment: each is made from the file again, the same bytes every time.
import { concat, hex, little, random, unhex } from "../bytes.js";
import { digest } from "../crypto/primitives.js";
import { BackupError, Damaged } from "../errors.js";
import { USUAL_COST } from "../format/keyfile.js";
import { encode } from "../msgpack.js";
import { cipherOf, fromFragment, nonce, toFragment } from "./keys.js";
import * as layout from "./layout.js";

const LONGEST_HEAD = 1 << 16;

/**
 * @typedef {object} Source a File of the browser is made into one by `ofFile`
 * @property {string} name @property {number} size @property {string} [type] @property {bigint} [modified] @property {string} [message] to who receives it
 * @property {(start: number, stop: number) => Promise<Uint8Array>} read
 */

/** @param {File} file @returns {Source} */
export const ofFile = (file, message = "") => ({
  name: file.name,
  size: file.size,
  ...(file.type && { type: file.type }),
  modified: BigInt(file.lastModified) * 1_000_000n,
  ...(message && { message }),
  read: async (start, stop) => new Uint8Array(await file.slice(start, stop).arrayBuffer()),
});

/** Begin to seal a file under a new key. @param {Source} source */
export function seal(source, { passphrase = "" } = {}, secret = random(layout.SECRET), salt = random(32)) {
  const head = headOf(source);
  const size = layout.padded(4 + head.length + source.size);
  return new Sealing(source, head, secret, layout.writeHeader(size, salt, passphrase ? USUAL_COST : undefined), passphrase);
}

/**
 * Go on with a file that was sealed in part. What was sent of it is made again and compared: were the file another one
 * now, its key would serve twice. Throws Damaged.
 * @param {Source} source @param {ReturnType<Sealing["state"]>} state
 */
export async function resume(source, { passphrase = "" }, { fragment, header, sent }) {
  const sealing = new Sealing(source, headOf(source), fromFragment(fragment), unhex(header), passphrase);
  if (sealing.header.size !== layout.padded(4 + sealing.head.length + source.size)) throw changed();
  for (const [number, expected] of sent.entries())
    if (hex(digest(await sealing.make(number))) !== expected) throw changed();
  sealing.sent = [...sent];
  return sealing;
}

export class Sealing {
  /** Digests of the fragments that were given out. @type {string[]} */
  sent = [];

  constructor(source, head, secret, header, passphrase) {
    this.header = layout.readHeader(header);
    this.cipher = cipherOf(secret, this.header, passphrase);
    Object.assign(this, { source, head, link: toFragment(secret) });
  }

  get size() {
    return this.header.size;
  }

  get fragments() {
    return Math.ceil(this.size / layout.FRAGMENT);
  }

  /** What must be kept to go on after the page was closed. It holds the key. */
  state() {
    return { fragment: this.link, header: hex(this.header.raw), sent: this.sent };
  }

  /** The bytes of fragment `number`, to be sent at `number` times 8 MiB. Fragments are given out in their order. */
  async fragment(number) {
    const made = await this.make(number);
    const known = this.sent[number];
    const now = hex(digest(made));
    if (known !== undefined && known !== now) throw changed();
    if (number > this.sent.length) throw new BackupError("a fragment is asked for before its turn");
    this.sent[number] = now;
    return made;
  }

  async make(number) {
    const first = (number * layout.FRAGMENT) / layout.BLOCK;
    const stop = Math.min(first + layout.FRAGMENT / layout.BLOCK, layout.blocks(this.size));
    const made = Array.from({ length: stop - first }, (_, each) => this.#block(first + each));
    return concat(...(number ? [] : [this.header.raw]), ...(await Promise.all(made)));
  }

  /** All of it, in order. */
  async *[Symbol.asyncIterator]() {
    for (let number = 0; number < this.fragments; number++) yield await this.fragment(number);
  }

  async #block(number) {
    const [start, length] = layout.clearSpan(number, this.size);
    const last = number === layout.blocks(this.size) - 1;
    return this.cipher.encrypt(nonce(number, last), await this.#clear(start, start + length));
  }

  /** Part of `size of the head ‖ head ‖ content ‖ zeros`. */
  async #clear(start, stop) {
    const front = concat(little(this.head.length, 4), this.head);
    const [from, to] = [start, stop].map((at) => Math.min(Math.max(at - front.length, 0), this.source.size));
    const content = from < to ? await this.source.read(from, to) : new Uint8Array();
    if (content.length !== to - from) throw changed();
    const clear = concat(front.subarray(start, stop), content);
    return clear.length === stop - start ? clear : concat(clear, new Uint8Array(stop - start - clear.length));
  }
}

function headOf({ name, size, type, modified, message }) {
  const head = encode({ name, size, ...(type && { type }), ...(modified !== undefined && { modified }), ...(message && { message }) });
  if (head.length > LONGEST_HEAD) throw new BackupError("the name of the file is too long");
  return head;
}

const changed = () => new Damaged(layout.NAME, "the file has changed since it was begun: send it anew");

