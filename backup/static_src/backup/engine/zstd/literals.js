// The literals of a block (RFC 8878, section 3.1.1.3.1).
import { readCode, readLiterals } from "./huffman.js";
import { Malformed } from "./malformed.js";

const RAW = 0, RLE = 1, TREELESS = 3;
export const MOST = 1 << 17;

/**
 * Puts the literals into `frame.literals`; says how many they are and where what follows them begins.
 * @param {{data: Uint8Array, view: DataView, literals: Uint8Array, code: object | null}} frame
 */
export function literals(frame, at, end) {
  const { data, literals: out } = frame;
  const kind = data[at] & 3;
  const form = (data[at] >> 2) & 3;
  if (kind <= RLE) {
    const width = form === 1 ? 2 : form === 3 ? 3 : 1;
    const size = whole(data, at, width) >>> (width === 1 ? 3 : 4);
    const start = at + width;
    const next = start + (kind === RAW ? size : 1);
    if (size > MOST || next > end) throw new Malformed("literals are cut or too many");
    if (kind === RAW) out.set(data.subarray(start, next));
    else out.fill(data[start], 0, size);
    return { size, at: next };
  }
  const width = form < 2 ? 3 : form + 2;
  const field = form < 2 ? 10 : form === 2 ? 14 : 18;
  const head = whole(data, at, width);
  const size = Math.floor(head / 16) % 2 ** field;
  const next = at + width + Math.floor(head / 2 ** (4 + field));
  if (size > MOST || next > end) throw new Malformed("literals are cut or too many");
  let start = at + width;
  if (kind !== TREELESS) ({ code: frame.code, at: start } = readCode(data, start, next));
  if (!frame.code) throw new Malformed("literals have no code");
  if (form === 0) readLiterals(data, frame.view, start, next, frame.code, out, 0, size);
  else fourStreams(frame, start, next, size);
  return { size, at: next };
}

function fourStreams({ data, view, literals: out, code }, at, end, size) {
  const part = (size + 3) >> 2;
  let start = at + 6;
  if (start > end || 3 * part > size) throw new Malformed("literals are cut");
  for (let stream = 0; stream < 4; stream++) {
    const next = stream === 3 ? end : start + whole(data, at + 2 * stream, 2);
    if (next > end) throw new Malformed("literals are cut");
    readLiterals(data, view, start, next, code, out, stream * part, stream === 3 ? size - 3 * part : part);
    start = next;
  }
}

/** A little-endian number of up to five bytes. */
function whole(data, at, size) {
  let value = 0;
  for (let each = size - 1; each >= 0; each--) value = value * 256 + data[at + each];
  return value;
}
