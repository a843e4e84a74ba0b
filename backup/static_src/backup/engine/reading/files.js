// Files piece by piece: where each piece belongs, holes as zeros, and the whole compared with its hash and size.
import { equal } from "../bytes.js";
import { Blake3 } from "../crypto/blake3.js";
import { Damaged } from "../errors.js";
import { DATA } from "../format/blobs.js";
import { delivered } from "./pipeline.js";

const ZEROS = 1 << 20;

/** The bytes of one file as its pieces come in. */
export class Assembly {
  /** Of the content, once it has come to its end. @type {Uint8Array | undefined} */
  digest;
  #written = 0;
  #held = 0;
  #hash;
  #extents;

  /** @param {import("../format/trees.js").Node} node @param {string} path for messages @param {boolean} hashed also a file of one piece */
  constructor(node, path, hashed = false) {
    Object.assign(this, { node, path });
    this.#hash = node.h || hashed ? new Blake3() : null;
    this.#extents = (node.e ?? [[0, node.s]]).map(([offset, length]) => [offset, length]);
  }

  /** What follows in the file from this piece on. @param {Uint8Array} piece @returns {Generator<Uint8Array>} */
  *take(piece) {
    this.#hash?.update(piece);
    this.#held += piece.length;
    for (let rest = piece; rest.length; ) {
      const extent = this.#extents[0];
      if (!extent) throw new Damaged(this.path, "holds more than its node says");
      yield* this.#until(extent[0]);
      const part = rest.length <= extent[1] ? rest : rest.slice(0, extent[1]);
      rest = rest.subarray(part.length);
      extent[0] += part.length;
      extent[1] -= part.length;
      if (!extent[1]) this.#extents.shift();
      this.#written += part.length;
      if (part.length) yield part;
    }
  }

  /** What is left of the file, which is zeros. Throws Damaged unless all that was taken is the file that was saved. */
  *finish() {
    const { h, s } = this.node;
    this.digest = this.#hash?.digest();
    if (this.#extents.some(([, length]) => length) || (h && !equal(this.digest, h)))
      throw new Damaged(this.path, "isn't the file that was saved");
    yield* this.#until(s);
  }

  *#until(offset) {
    while (this.#written < offset) {
      const size = Math.min(ZEROS, offset - this.#written);
      this.#written += size;
      yield new Uint8Array(size);
    }
  }
}

/** A file in order, each piece verified; the last throws Damaged where the whole isn't what was saved. */
export async function* content(catalogue, node, path, signal) {
  const assembly = new Assembly(node, path);
  for await (const { content: piece, error } of delivered(catalogue, pieces(catalogue, node, signal), signal)) {
    if (error) throw error;
    yield* assembly.take(piece);
  }
  yield* assembly.finish();
}

/** What the pipeline is asked for. */
export async function* pieces(catalogue, node, signal) {
  for await (const id of catalogue.unfold(node.c, node.p ?? 0, signal)) yield { id, type: DATA };
}
