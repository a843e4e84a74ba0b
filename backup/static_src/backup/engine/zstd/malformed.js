/** What isn't a frame that a writer makes. */
export class Malformed extends Error {}

/** The place of the highest bit of a number above 0. */
export const highest = (value) => 31 - Math.clz32(value);

/** Where a stream that is read backwards begins, in bits from `start`: below its highest bit, which marks the end. */
export function lastBit(data, start, end) {
  if (end <= start || data[end - 1] === 0) throw new Malformed("a stream has no end");
  return (end - start - 1) * 8 + highest(data[end - 1]);
}
