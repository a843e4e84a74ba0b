// Literals under a Huffman code (RFC 8878, section 4.2). A cell holds `symbol << 8 | bits`.
import { readTable } from "./fse.js";
import { highest, lastBit, Malformed } from "./malformed.js";

const LONGEST = 11;
const MOST_WEIGHTS = 255;

/** The code described at `at`, and where what follows it begins. */
export function readCode(data, at, end) {
  const head = data[at];
  if (at >= end) throw new Malformed("a code is cut");
  const size = head < 128 ? head : (head - 126) >> 1;
  const start = at + 1;
  const stop = start + size;
  if (stop > end) throw new Malformed("a code is cut");
  const weights = head < 128 ? compressed(data, start, stop) : direct(data, start, head - 127);
  return { code: makeCode(weights), at: stop };
}

function direct(data, start, count) {
  return Array.from({ length: count }, (_, each) => (each % 2 ? data[start + (each >> 1)] & 15 : data[start + (each >> 1)] >> 4));
}

/** Weights under two states of one table, read backwards in turns until the bits are used up. */
function compressed(data, start, stop) {
  const { table, at } = readTable(data, start, stop, 6, 256);
  let left = lastBit(data, at, stop);
  const base = at;
  const take = (count) => {
    left -= count;
    const place = base + (left >> 3);
    return left < 0 ? 0 : ((data[place] | (data[place + 1] << 8)) >>> (left & 7)) & ((1 << count) - 1);
  };
  const states = [take(table.accuracy), take(table.accuracy)];
  if (left < 0) throw new Malformed("a code is cut");
  const weights = [];
  for (let turn = 0; ; turn ^= 1) {
    const cell = table.cells[states[turn]];
    weights.push((cell >>> 8) & 255);
    if (weights.length > MOST_WEIGHTS) throw new Malformed("a code has too many symbols");
    const bits = cell & 255;
    if (left < bits) {
      weights.push((table.cells[states[turn ^ 1]] >>> 8) & 255);
      break;
    }
    states[turn] = (cell >>> 16) + take(bits);
  }
  if (weights.length > MOST_WEIGHTS) throw new Malformed("a code has too many symbols");
  return weights;
}

function makeCode(weights) {
  let sum = 0;
  for (const weight of weights) {
    if (weight > LONGEST) throw new Malformed("a code is too long");
    sum += weight && 1 << (weight - 1);
  }
  if (sum === 0) throw new Malformed("a code is empty");
  const bits = highest(sum) + 1;
  const rest = (1 << bits) - sum;
  if (bits > LONGEST || rest & (rest - 1)) throw new Malformed("a code doesn't add up");
  const all = [...weights, highest(rest) + 1];
  const cells = new Uint16Array(1 << bits);
  let place = 0;
  for (let weight = 1; weight <= bits; weight++)
    for (let symbol = 0; symbol < all.length; symbol++)
      if (all[symbol] === weight) {
        const span = 1 << (weight - 1);
        cells.fill((symbol << 8) | (bits + 1 - weight), place, place + span);
        place += span;
      }
  if (place !== cells.length) throw new Malformed("a code doesn't add up");
  return { cells, bits };
}

/**
 * One stream: `size` literals into `out` at `to`.
 * @param {DataView} view of `data`, with four bytes to spare before and after what is read
 */
export function readLiterals(data, view, start, end, { cells, bits }, out, to, size) {
  let left = lastBit(data, start, end);
  const base = start;
  const mask = (1 << bits) - 1;
  const stop = to + size;
  let at = to;
  // 25 bits are sure to be at hand: two literals.
  for (; at + 1 < stop && left >= 2 * LONGEST; at += 2) {
    const from = left - 25;
    const window = view.getUint32(base + (from >> 3), true) >>> (from & 7);
    const first = cells[(window >>> (25 - bits)) & mask];
    const used = first & 255;
    const second = cells[(window >>> (25 - bits - used)) & mask];
    out[at] = first >>> 8;
    out[at + 1] = second >>> 8;
    left -= used + (second & 255);
  }
  for (; at < stop; at++) {
    const from = left - bits;
    const cell = cells[(view.getUint32(base + (from >> 3), true) >>> (from & 7)) & mask];
    out[at] = cell >>> 8;
    left -= cell & 255;
    if (left < 0) throw new Malformed("a stream is cut");
  }
  if (left !== 0) throw new Malformed("a stream is too long");
}
