// The records of a zip file (APPNOTE 6.3.10): stored entries, zip64 where sizes or places call for it, names in UTF-8.
import { concat, little, utf8 } from "../bytes.js";

const LIMIT = 0xffffffff, MANY = 0xffff;
const UTF8 = 1 << 11, DESCRIBED = 1 << 3;
const UNIX = 3 << 8;
const PLAIN = 20, ZIP64 = 45;

/**
 * @typedef {object} Entry
 * @property {string} name @property {number} mode with the kind of file @property {number} seconds since 1970
 * @property {number} size @property {number} crc @property {number} offset of its local header
 * @property {boolean} described its sum and sizes follow the content
 */

const fields = (...pairs) => concat(...pairs.map(([value, size]) => little(value, size)));
const isLarge = (entry) => entry.size >= LIMIT;

/** What stands before the content. @param {Entry} entry */
export function local(entry) {
  const name = utf8(entry.name);
  const known = entry.described ? { crc: 0, size: 0 } : entry;
  const large = isLarge(entry) ? fields([1, 2], [16, 2], [known.size, 8], [known.size, 8]) : fields();
  const extra = concat(large, stamp(entry));
  const size = isLarge(entry) ? LIMIT : known.size;
  const head = fields(
    [0x04034b50, 4], [isLarge(entry) ? ZIP64 : PLAIN, 2], [UTF8 | (entry.described ? DESCRIBED : 0), 2], [0, 2],
    [dosTime(entry.seconds), 4], [known.crc, 4], [size, 4], [size, 4], [name.length, 2], [extra.length, 2],
  );
  return concat(head, name, extra);
}

/** What stands after the content of a described entry. @param {Entry} entry */
export function descriptor(entry) {
  const width = isLarge(entry) ? 8 : 4;
  return fields([0x08074b50, 4], [entry.crc, 4], [entry.size, width], [entry.size, width]);
}

/** The entry in the directory at the end. @param {Entry} entry */
export function central(entry) {
  const name = utf8(entry.name);
  const far = entry.offset >= LIMIT;
  const wide = [...(isLarge(entry) ? [[entry.size, 8], [entry.size, 8]] : []), ...(far ? [[entry.offset, 8]] : [])];
  const extra = concat(wide.length ? fields([1, 2], [8 * wide.length, 2], ...wide) : fields(), stamp(entry));
  const size = Math.min(entry.size, LIMIT);
  const head = fields(
    [0x02014b50, 4], [UNIX | ZIP64, 2], [wide.length ? ZIP64 : PLAIN, 2], [UTF8 | (entry.described ? DESCRIBED : 0), 2], [0, 2],
    [dosTime(entry.seconds), 4], [entry.crc, 4], [size, 4], [size, 4], [name.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2],
    [entry.mode * 65536 + (entry.name.endsWith("/") ? 16 : 0), 4], [Math.min(entry.offset, LIMIT), 4],
  );
  return concat(head, name, extra);
}

/** The end of the file. @param {number} count of entries @param {number} start of their directory @param {number} size of it */
export function end(count, start, size) {
  const large = count >= MANY || start >= LIMIT || size >= LIMIT;
  const wide = fields(
    [0x06064b50, 4], [44, 8], [UNIX | ZIP64, 2], [ZIP64, 2], [0, 4], [0, 4], [count, 8], [count, 8], [size, 8], [start, 8],
    [0x07064b50, 4], [0, 4], [start + size, 8], [1, 4],
  );
  const few = Math.min(count, MANY);
  const plain = fields(
    [0x06054b50, 4], [0, 2], [0, 2], [few, 2], [few, 2], [Math.min(size, LIMIT), 4], [Math.min(start, LIMIT), 4], [0, 2],
  );
  return large ? concat(wide, plain) : plain;
}

/** Local time in steps of two seconds, from 1980 to 2107: what Windows shows. */
function dosTime(seconds) {
  const at = new Date(seconds * 1000);
  const year = at.getFullYear();
  if (!(year >= 1980)) return (1 << 21) | (1 << 16);
  if (year > 2107) return 0xff9fbf7d;
  const date = ((year - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  return date * 65536 + ((at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1));
}

/** The time in universal time, where 32 bits hold it (extra field UT). */
function stamp({ seconds }) {
  return seconds === seconds << 0 ? fields([0x5455, 2], [5, 2], [1, 1], [seconds, 4]) : fields();
}
