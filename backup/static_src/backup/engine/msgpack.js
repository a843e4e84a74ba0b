// MessagePack as FORMAT.md uses it, and no more: byte strings, text, whole numbers, yes and no, lists, maps with names.
// Numbers beyond 2^53 (times) are BigInt. What an unknown key holds may also be nothing or a fraction, which is passed over.
import { concat, text, utf8, view } from "./bytes.js";

const DEEPEST = 32;

/** The value in these bytes, all of them. Throws RangeError or TypeError; nothing in it outgrows the bytes themselves. */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new RangeError("something follows the value");
  return value;
}

class Reader {
  at = 0;
  constructor(bytes) {
    this.bytes = bytes;
    this.view = view(bytes);
  }

  value(depth) {
    if (depth > DEEPEST) throw new RangeError("too deep");
    const type = this.number("getUint8", 1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.map(type & 15, depth);
    if (type < 0xa0) return this.list(type & 15, depth);
    if (type < 0xc0) return text(this.take(type & 31));
    if (type >= 0xe0) return type - 256;
    switch (type) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.take(this.number("getUint8", 1));
      case 0xc5: return this.take(this.number("getUint16", 2));
      case 0xc6: return this.take(this.number("getUint32", 4));
      case 0xca: return this.number("getFloat32", 4);
      case 0xcb: return this.number("getFloat64", 8);
      case 0xcc: return this.number("getUint8", 1);
      case 0xcd: return this.number("getUint16", 2);
      case 0xce: return this.number("getUint32", 4);
      case 0xcf: return narrow(this.number("getBigUint64", 8));
      case 0xd0: return this.number("getInt8", 1);
      case 0xd1: return this.number("getInt16", 2);
      case 0xd2: return this.number("getInt32", 4);
      case 0xd3: return narrow(this.number("getBigInt64", 8));
      case 0xd9: return text(this.take(this.number("getUint8", 1)));
      case 0xda: return text(this.take(this.number("getUint16", 2)));
      case 0xdb: return text(this.take(this.number("getUint32", 4)));
      case 0xdc: return this.list(this.number("getUint16", 2), depth);
      case 0xdd: return this.list(this.number("getUint32", 4), depth);
      case 0xde: return this.map(this.number("getUint16", 2), depth);
      case 0xdf: return this.map(this.number("getUint32", 4), depth);
      default: throw new RangeError("a type that the format doesn't use");
    }
  }

  number(read, size) {
    const value = this.view[read](this.at);
    this.at += size;
    return value;
  }

  take(size) {
    if (size > this.bytes.length - this.at) throw new RangeError("cut");
    return this.bytes.subarray(this.at, (this.at += size));
  }

  list(count, depth) {
    if (count > this.bytes.length - this.at) throw new RangeError("cut");
    const list = [];
    for (let number = 0; number < count; number++) list.push(this.value(depth + 1));
    return list;
  }

  map(count, depth) {
    if (2 * count > this.bytes.length - this.at) throw new RangeError("cut");
    const map = Object.create(null);
    for (let number = 0; number < count; number++) {
      const name = this.value(depth + 1);
      if (typeof name !== "string" || name in map) throw new RangeError("a key that isn't text, or is there twice");
      map[name] = this.value(depth + 1);
    }
    return map;
  }
}

const narrow = (value) => (BigInt.asIntN(54, value) === value ? Number(value) : value);

/** The shortest form of a value, as msgpack-python writes it. */
export function encode(value) {
  const parts = [];
  write(value, parts);
  return concat(...parts);
}

function write(value, parts) {
  if (value === true || value === false) parts.push(Uint8Array.of(value ? 0xc3 : 0xc2));
  else if (typeof value === "number" || typeof value === "bigint") parts.push(integer(BigInt(value)));
  else if (typeof value === "string") {
    const bytes = utf8(value);
    parts.push(sized(bytes.length, [0xa0, 32], 0xd9, 0xda, 0xdb), bytes);
  } else if (value instanceof Uint8Array) parts.push(sized(value.length, [0, 0], 0xc4, 0xc5, 0xc6), value);
  else if (Array.isArray(value)) {
    parts.push(sized(value.length, [0x90, 16], null, 0xdc, 0xdd));
    for (const item of value) write(item, parts);
  } else {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    parts.push(sized(entries.length, [0x80, 16], null, 0xde, 0xdf));
    for (const [name, item] of entries) {
      write(name, parts);
      write(item, parts);
    }
  }
}

function sized(size, [fixed, below], one, two, four) {
  if (size < below) return Uint8Array.of(fixed | size);
  if (one && size < 0x100) return Uint8Array.of(one, size);
  if (size < 0x10000) return Uint8Array.of(two, size >> 8, size);
  return Uint8Array.of(four, size >>> 24, size >> 16, size >> 8, size);
}

const UNSIGNED = [[1 << 8, 0xcc, 1], [1 << 16, 0xcd, 2], [2 ** 32, 0xce, 4], [2n ** 64n, 0xcf, 8]];
const SIGNED = [[-(1 << 7), 0xd0, 1], [-(1 << 15), 0xd1, 2], [-(2 ** 31), 0xd2, 4], [-(2n ** 63n), 0xd3, 8]];

function integer(value) {
  if (value >= -32n && value < 128n) return Uint8Array.of(Number(value & 255n));
  const fits = value < 0 ? SIGNED.find(([least]) => value >= least) : UNSIGNED.find(([limit]) => value < limit);
  if (!fits) throw new RangeError("a number beyond 64 bits");
  const bytes = new Uint8Array(9);
  bytes[0] = fits[1];
  view(bytes).setBigUint64(1, BigInt.asUintN(64, value << BigInt(64 - 8 * fits[2])));
  return bytes.subarray(0, 1 + fits[2]);
}
