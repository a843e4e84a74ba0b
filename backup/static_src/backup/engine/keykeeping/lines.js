// Bytes as lines that a person types: each has its number and a check, so that a mistake has a place (FORMAT.md, section 14).
import { concat, equal, little, pieces } from "../bytes.js";
import { digest } from "../crypto/primitives.js";
import { BadKeyfile } from "../errors.js";

/** Crockford's base32: neither I, L, O nor U. */
export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ROW = 20, MOST = 99;
const SYMBOLS = 32, CHECK = 4, GROUP = 4, DIGEST = 4;
const ALIKE = { O: "0", I: "1", L: "1" };

/** What was typed isn't what was printed; `faults` says of each line what is wrong with it. */
export class Mistyped extends BadKeyfile {
  /** @param {Map<number, string>} faults */
  constructor(faults, word = "line") {
    const ordered = [...faults].sort(([one], [other]) => one - other);
    super(ordered.map(([number, why]) => `${word} ${number}: ${why}`).join("; "));
    this.faults = Object.fromEntries(ordered);
  }
}

/** The lines in groups of four, numbered from 01; the last group of each is its check. @param {Uint8Array} data */
export function write(data) {
  const framed = concat(little(data.length, 2), data, digest(data).subarray(0, DIGEST));
  const rows = [...pieces(framed, ROW)].map((row) => concat(row, new Uint8Array(ROW - row.length)));
  if (rows.length > MOST) throw new RangeError("too much for a page");
  return rows.map((row, place) => {
    const symbols = encode(row, SYMBOLS) + checkOf(place + 1, row);
    return `${String(place + 1).padStart(2, "0")} ${symbols.match(/.{4}/g).join(" ")}`;
  });
}

/** What the lines hold, in whatever order, case and grouping they were typed. Throws Mistyped with every line that is wrong. */
export function read(typed) {
  const rows = new Map();
  const faults = new Map();
  for (const [number, symbols] of numbered(typed)) {
    const why = fault(number, symbols);
    if (why) faults.set(number, why);
    else if (rows.has(number) && !equal(rows.get(number), decode(symbols))) faults.set(number, "is there twice, and not the same");
    else rows.set(number, decode(symbols));
  }
  let size = 0;
  if (!rows.has(1)) faults.set(1, faults.get(1) ?? "is missing");
  else {
    size = rows.get(1)[0] + 256 * rows.get(1)[1] + 2 + DIGEST;
    const due = Math.ceil(size / ROW);
    for (let number = 1; number <= due; number++) if (!rows.has(number) && !faults.has(number)) faults.set(number, "is missing");
    for (const number of rows.keys()) if (number < 1 || number > due) faults.set(number, "isn't of this sheet");
  }
  if (faults.size) throw new Mistyped(faults);
  const framed = concat(...[...rows].sort(([one], [other]) => one - other).map(([, row]) => row)).subarray(0, size);
  const data = framed.subarray(2, -DIGEST);
  if (!equal(digest(data).subarray(0, DIGEST), framed.subarray(-DIGEST)))
    throw new BadKeyfile("each line is well typed, but they aren't all of one sheet");
  return data;
}

/** Each line that isn't empty: its number, as typed or by its place, and its symbols. */
function* numbered(typed) {
  const lines = typed.map((line) => line.toUpperCase().replace(/[OIL]/g, (sign) => ALIKE[sign]).trim()).filter(Boolean);
  for (const [place, line] of lines.entries()) {
    const symbols = line.replace(/[\s\-.·|]+/g, "");
    const first = /^\d{1,2}(?=[\s\-.])/.exec(line)?.[0];
    if (symbols.length === 2 + SYMBOLS + CHECK && /^\d\d/.test(symbols)) yield [Number(symbols.slice(0, 2)), symbols.slice(2)];
    else if (first && symbols.length !== SYMBOLS + CHECK) yield [Number(first), symbols.slice(first.length)];
    else yield [place + 1, symbols];
  }
}

/** What is wrong with a line; nothing if it is as it was printed. */
function fault(number, symbols) {
  const foreign = [...new Set(symbols)].filter((sign) => !ALPHABET.includes(sign)).sort();
  if (foreign.length) return `holds ${foreign.join(" ")}, which no line has`;
  if (symbols.length !== SYMBOLS + CHECK) return `has ${symbols.length} signs after its number where ${SYMBOLS + CHECK} are due`;
  if (fits(number, symbols)) return "";
  const groups = new Set();
  for (const [at, other] of neighbours(symbols)) if (fits(number, other)) groups.add(Math.floor(at / GROUP) + 1);
  return groups.size === 1 ? `is mistyped, most likely in group ${[...groups][0]}` : "is mistyped";
}

/** What is one slip away: another sign in one place, or two signs exchanged. */
function* neighbours(symbols) {
  for (let at = 0; at < symbols.length; at++) {
    for (const other of ALPHABET) if (other !== symbols[at]) yield [at, symbols.slice(0, at) + other + symbols.slice(at + 1)];
    yield [at, symbols.slice(0, at) + [...symbols.slice(at, at + 2)].reverse().join("") + symbols.slice(at + 2)];
  }
}

const fits = (number, symbols) => checkOf(number, decode(symbols)) === symbols.slice(SYMBOLS);

/** Twenty bits that tell whether a line is the one that was printed in this place. */
const checkOf = (number, row) => encode(digest(concat(Uint8Array.of(number), row)).subarray(0, 3), CHECK);

/** The first `count` times five bits. */
function encode(bytes, count) {
  let symbols = "";
  for (let place = 0, bits = 0, held = 0, at = 0; place < count; place++) {
    while (bits < 5) [held, bits] = [(held << 8) | bytes[at++], bits + 8];
    bits -= 5;
    symbols += ALPHABET[(held >> bits) & 31];
    held &= (1 << bits) - 1;
  }
  return symbols;
}

function decode(symbols) {
  const row = new Uint8Array(ROW);
  for (let place = 0, bits = 0, held = 0, at = 0; place < SYMBOLS; place++) {
    [held, bits] = [(held << 5) | ALPHABET.indexOf(symbols[place]), bits + 5];
    if (bits < 8) continue;
    bits -= 8;
    row[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return row;
}
