// A script runs on the server and in a browser and must give the same both times: its clock stands at the moment that it
// is given, its local zone is that moment's, and its random numbers follow from a seed.

const Native = Date;
const FIELDS = ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds"];

/** A Date without zone: what it calls local is what was written, on every machine. */
export function makeDate(now) {
  const start = Native.parse(`${now}Z`);
  class ZonelessDate extends Native {
    constructor(...given) {
      if (given.length === 0) super(start);
      else if (given.length > 1) super(Native.UTC(...given));
      else if (typeof given[0] === "string") super(read(given[0]));
      else super(given[0]);
    }
    getTimezoneOffset() {
      return 0;
    }
    getDay() {
      return this.getUTCDay();
    }
    getYear() {
      return this.getUTCFullYear() - 1900;
    }
    toString() {
      return this.toISOString();
    }
    toDateString() {
      return this.toISOString().slice(0, 10);
    }
    toTimeString() {
      return this.toISOString().slice(11, 19);
    }
    toLocaleDateString() {
      return this.toISOString().slice(0, 10).split("-").reverse().join("/");
    }
    toLocaleTimeString() {
      return this.toTimeString();
    }
    toLocaleString() {
      return `${this.toLocaleDateString()} ${this.toLocaleTimeString()}`;
    }
    static now() {
      return start;
    }
    static parse(text) {
      return read(text);
    }
  }
  for (const field of FIELDS) {
    ZonelessDate.prototype[`get${field}`] = function () {
      return this[`getUTC${field}`]();
    };
    ZonelessDate.prototype[`set${field}`] = function (...given) {
      return this[`setUTC${field}`](...given);
    };
  }
  return ZonelessDate;
}

/** A moment without zone is taken as it is written. */
function read(text) {
  const local = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text);
  return Native.parse(local ? `${text.replace(" ", "T")}Z` : text);
}

/** Numbers in [0, 1) that follow from a text (a 32-bit mixing generator). */
export function makeRandom(seed) {
  let state = 2166136261;
  for (const sign of String(seed)) state = Math.imul(state ^ sign.codePointAt(0), 16777619);
  return function random() {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
