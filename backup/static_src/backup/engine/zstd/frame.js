// Zstandard (RFC 8878), decompression of one frame to a size that is known before: nothing can outgrow it, in memory or time.
// Written here because the library at hand (fzstd) unpacks 15 MB/s and lets a hostile frame run for minutes.
import { literals, MOST } from "./literals.js";
import { Malformed } from "./malformed.js";
import { sequences } from "./sequences.js";

export { Malformed };

const MAGIC = 0xfd2fb528;
const RAW = 0, RLE = 1, COMPRESSED = 2;
/** Bytes around the input, so that four can be read at any place of it. */
const SPARE = 8;

/** The size of the content that a frame declares; null where it doesn't. Throws Malformed. @param {Uint8Array} input */
export const declared = (input) => header(new DataView(input.buffer, input.byteOffset, input.length)).size;

/** Exactly `length` bytes. Throws Malformed. @param {Uint8Array} input @param {number} length */
export function decompress(input, length) {
  const data = new Uint8Array(SPARE + input.length + SPARE);
  data.set(input, SPARE);
  const view = new DataView(data.buffer);
  const head = header(new DataView(data.buffer, SPARE, input.length));
  if (head.size !== length) throw new Malformed("the frame declares another length");
  const end = SPARE + input.length - (head.checked ? 4 : 0);
  const out = new Uint8Array(length);
  const frame = { data, view, out, at: 0, literals: new Uint8Array(MOST), code: null, tables: [], repeated: [1, 4, 8] };
  let at = SPARE + head.length;
  for (let last = false; !last; ) {
    if (at + 3 > end) throw new Malformed("the frame is cut");
    const block = data[at] | (data[at + 1] << 8) | (data[at + 2] << 16);
    last = Boolean(block & 1);
    at = unpack(frame, (block >> 1) & 3, block >> 3, at + 3, end);
  }
  if (frame.at !== length) throw new Malformed("the frame holds less than it declares");
  if (at !== end) throw new Malformed("something follows the frame");
  return out;
}

/** One block; says where the next begins. */
function unpack(frame, kind, size, at, end) {
  const { data, out } = frame;
  const next = at + (kind === RLE ? 1 : size);
  if (size > MOST || next > end) throw new Malformed("a block is cut or too long");
  const limit = Math.min(frame.at + MOST, out.length);
  if (kind === COMPRESSED) {
    const { size: count, at: start } = literals(frame, at, next);
    sequences(frame, start, next, count, limit);
  } else {
    if (frame.at + size > limit || kind > COMPRESSED) throw new Malformed("a block holds too much, or of an unknown kind");
    if (kind === RAW) out.set(data.subarray(at, next), frame.at);
    else out.fill(data[at], frame.at, frame.at + size);
    frame.at += size;
  }
  return next;
}

function header(view) {
  if (view.byteLength < 6 || view.getUint32(0, true) !== MAGIC) throw new Malformed("not a frame");
  const flags = view.getUint8(4);
  const single = (flags >> 5) & 1;
  if (flags & 8 || flags & 3) throw new Malformed("a frame of an unknown kind, or with a dictionary");
  const width = [single, 2, 4, 8][flags >> 6];
  const at = 6 - single;
  if (view.byteLength < at + width) throw new Malformed("the frame is cut");
  const size = {
    0: () => null,
    1: () => view.getUint8(at),
    2: () => view.getUint16(at, true) + 256,
    4: () => view.getUint32(at, true),
    8: () => Number(view.getBigUint64(at, true)),
  }[width]();
  return { size, length: at + width, checked: Boolean(flags & 4) };
}
