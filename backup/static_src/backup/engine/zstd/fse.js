// Tables of finite state entropy (RFC 8878, section 4.1). A cell holds `base << 16 | symbol << 8 | bits`.
import { highest, Malformed } from "./malformed.js";

/**
 * The table described at `at`, and where what follows it begins.
 * @param {Uint8Array} data @param {number} end of what may be read @param {number} most highest accuracy allowed
 * @param {number} symbols how many symbols there are at most
 */
export function readTable(data, at, end, most, symbols) {
  let bit = at * 8;
  const bits = (count) => {
    if (bit + count > end * 8) throw new Malformed("a table is cut");
    const place = bit >>> 3;
    const value = (data[place] | (data[place + 1] << 8) | (data[place + 2] << 16)) >>> (bit & 7);
    return value & ((1 << count) - 1);
  };
  const accuracy = bits(4) + 5;
  bit += 4;
  if (accuracy > most) throw new Malformed("a table is too fine");
  const counts = [];
  for (let left = 1 << accuracy; left > 0; ) {
    if (counts.length >= symbols) throw new Malformed("a table has too many symbols");
    const width = highest(left + 1) + 1;
    const short = (1 << width) - 1 - (left + 1);
    // The last symbols may end less than `width` bits before the end.
    let value = bits(Math.min(width, end * 8 - bit));
    const low = value & ((1 << (width - 1)) - 1);
    if (low < short) {
      value = low;
      bit += width - 1;
    } else {
      if (value >= 1 << (width - 1)) value -= short;
      bit += width;
    }
    if (bit > end * 8) throw new Malformed("a table is cut");
    counts.push(value - 1);
    left -= value === 0 ? 1 : value - 1;
    if (value !== 1) continue;
    for (let repeat = 3; repeat === 3; ) {
      repeat = bits(2);
      bit += 2;
      for (let each = 0; each < repeat; each++) counts.push(0);
    }
  }
  if (counts.length > symbols) throw new Malformed("a table has too many symbols");
  return { table: makeTable(counts, accuracy), at: (bit + 7) >>> 3 };
}

/** @param {ArrayLike<number>} counts of each symbol; -1 for less than one @param {number} accuracy log2 of the cells */
export function makeTable(counts, accuracy) {
  const size = 1 << accuracy;
  const cells = new Uint32Array(size);
  const next = new Uint16Array(counts.length);
  let top = size;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    next[symbol] = Math.abs(counts[symbol]);
    if (counts[symbol] === -1) cells[(top -= 1)] = symbol;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (let symbol = 0; symbol < counts.length; symbol++)
    for (let each = 0; each < counts[symbol]; each++) {
      cells[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place >= top);
    }
  if (place !== 0) throw new Malformed("a table doesn't add up");
  for (let each = 0; each < size; each++) {
    const symbol = cells[each];
    const state = next[symbol]++;
    const bits = accuracy - highest(state);
    cells[each] = (((state << bits) - size) << 16) | (symbol << 8) | bits;
  }
  return { cells, accuracy };
}

/** The table that always gives one symbol. */
export const constant = (symbol) => ({ cells: Uint32Array.of(symbol << 8), accuracy: 0 });
