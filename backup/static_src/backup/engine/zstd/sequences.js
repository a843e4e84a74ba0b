// The sequences of a block: how many literals, then how long a match and how far back (RFC 8878, section 3.1.1.3.2).
import { constant, makeTable, readTable } from "./fse.js";
import { lastBit, Malformed } from "./malformed.js";

const LENGTHS = 0, OFFSETS = 1, MATCHES = 2;
const ACCURACY = [9, 8, 9];
const SYMBOLS = [36, 32, 53];
const USUAL = [
  makeTable([4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1], 6),
  makeTable([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5),
  makeTable([1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1], 6),
];
const LENGTH_BITS = Uint8Array.of(...Array(16).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const MATCH_BITS = Uint8Array.of(...Array(32).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const LENGTH_BASE = bases(LENGTH_BITS, 0);
const MATCH_BASE = bases(MATCH_BITS, 3);

function bases(bits, first) {
  let base = first;
  return Uint32Array.from(bits, (count) => (base += 1 << count) - (1 << count));
}

/**
 * Writes a block's content into `frame.out` at `frame.at`, from its literals and the sequences in data[at..end].
 * @param {number} size of the literals @param {number} limit where the block's content must end at the latest
 */
export function sequences(frame, at, end, size, limit) {
  const { data, out, literals } = frame;
  let count = data[at];
  if (at >= end) throw new Malformed("a block is cut");
  at += count < 128 ? 1 : count < 255 ? 2 : 3;
  if (count >= 128) count = count < 255 ? ((count - 128) << 8) + data[at - 1] : data[at - 2] + (data[at - 1] << 8) + 0x7f00;
  let used = 0;
  if (count) used = run(frame, tables(frame, at, end), end, count, size, limit);
  else if (at !== end) throw new Malformed("a block is too long");
  if (frame.at + size - used > limit) throw new Malformed("a block holds too much");
  out.set(literals.subarray(used, size), frame.at);
  frame.at += size - used;
}

/** The three tables are in `frame.tables` afterwards, for blocks that repeat them. Says where the bits begin. */
function tables(frame, at, end) {
  const { data } = frame;
  const modes = data[at++];
  if (modes & 3) throw new Malformed("a block of an unknown kind");
  for (const which of [LENGTHS, OFFSETS, MATCHES]) {
    if (at > end) throw new Malformed("a block is cut");
    const mode = (modes >> (6 - 2 * which)) & 3;
    if (mode === 0) frame.tables[which] = USUAL[which];
    else if (mode === 1) {
      if (data[at] >= SYMBOLS[which]) throw new Malformed("a table has too many symbols");
      frame.tables[which] = constant(data[at++]);
    } else if (mode === 2) {
      const read = readTable(data, at, end, ACCURACY[which], SYMBOLS[which]);
      frame.tables[which] = read.table;
      at = read.at;
    } else if (!frame.tables[which]) throw new Malformed("a block repeats what wasn't there");
  }
  return at;
}

/** An offset of more bits than are at hand at once; only an index can be so long. */
function farther(view, base, left, width) {
  const at = (place, bits) => (view.getUint32(base + (place >> 3), true) >>> (place & 7)) & ((1 << bits) - 1);
  return 2 ** width + at(left + width - 24, 24) * 2 ** (width - 24) + at(left, width - 24);
}

/** Says how many literals were used. */
function run(frame, base, end, count, size, limit) {
  const { data, view, out, literals, repeated } = frame;
  const [lengths, offsets, matches] = frame.tables;
  const lengthCells = lengths.cells, offsetCells = offsets.cells, matchCells = matches.cells;
  // Bits are read backwards, up to 25 at once, and written out each time: a function for it would cost a third of the speed.
  let left = lastBit(data, base, end) - lengths.accuracy;
  let length = (view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << lengths.accuracy) - 1);
  left -= offsets.accuracy;
  let offset = (view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << offsets.accuracy) - 1);
  left -= matches.accuracy;
  let match = (view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << matches.accuracy) - 1);
  let [near, middle, far] = repeated;
  let to = frame.at;
  let from = 0;
  for (let number = count; ; ) {
    const lengthCell = lengthCells[length], offsetCell = offsetCells[offset], matchCell = matchCells[match];
    let width = (offsetCell >>> 8) & 255;
    let back = 0;
    left -= Math.min(width, 24);
    back = (view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << width) - 1);
    if (width <= 24) back += 1 << width;
    else back = farther(view, base, (left -= width - 24), width);
    width = MATCH_BITS[(matchCell >>> 8) & 255];
    left -= width;
    const extra = (view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << width) - 1);
    const matchLength = MATCH_BASE[(matchCell >>> 8) & 255] + extra;
    width = LENGTH_BITS[(lengthCell >>> 8) & 255];
    left -= width;
    const more = (view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << width) - 1);
    const literalLength = LENGTH_BASE[(lengthCell >>> 8) & 255] + more;
    if (back > 3) {
      back -= 3;
      far = middle;
      middle = near;
      near = back;
    } else {
      const index = back - (literalLength ? 1 : 0);
      back = index === 0 ? near : index === 1 ? middle : index === 2 ? far : near - 1;
      if (index > 1) far = middle;
      if (index > 0) middle = near;
      near = back;
    }
    if (left < 0) throw new Malformed("a block is cut");
    if (from + literalLength > size || to + literalLength + matchLength > limit) throw new Malformed("a block holds too much");
    if (back < 1 || back > to + literalLength) throw new Malformed("a match lies before the beginning");
    if (literalLength < 48) for (let each = 0; each < literalLength; each++) out[to + each] = literals[from + each];
    else out.set(literals.subarray(from, from + literalLength), to);
    to += literalLength;
    from += literalLength;
    if (matchLength > 64 && back >= matchLength) out.copyWithin(to, to - back, to - back + matchLength);
    else for (let each = to, stop = to + matchLength; each < stop; each++) out[each] = out[each - back];
    to += matchLength;
    if (--number === 0) break;
    width = lengthCell & 255;
    left -= width;
    length = (lengthCell >>> 16) + ((view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << width) - 1));
    width = matchCell & 255;
    left -= width;
    match = (matchCell >>> 16) + ((view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << width) - 1));
    width = offsetCell & 255;
    left -= width;
    offset = (offsetCell >>> 16) + ((view.getUint32(base + (left >> 3), true) >>> (left & 7)) & ((1 << width) - 1));
  }
  if (left !== 0) throw new Malformed("a block is too long");
  frame.repeated = [near, middle, far];
  frame.at = to;
  return from;
}
