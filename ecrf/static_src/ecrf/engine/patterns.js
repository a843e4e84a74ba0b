// Regular expressions that always end quickly: matched whole, by an automaton. The twin of ecrf/engine/patterns.py, which
// says what a pattern may hold.

const MAX_LENGTH = 300;
const MAX_STATES = 1000;
const MAX_DEPTH = 20;
const MAX_CACHED = 20000;
const LAST = 0x10ffff;

const CLASSES = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  s: [
    [9, 13],
    [32, 32],
  ],
};
const CONTROL = { n: 10, t: 9, r: 13, f: 12, v: 11 };
const REPEATS = ["*", "+", "?", "{"];

/** The pattern can't be used, from this character on (the first is 1). */
export class BadPattern extends Error {
  constructor(place) {
    super(`character ${place}`);
    this.place = place;
  }
}

function complement(ranges) {
  const found = [];
  let first = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (low > first) found.push([first, low - 1]);
    first = Math.max(first, high + 1);
  }
  return first <= LAST ? [...found, [first, LAST]] : found;
}

const only = (sign) => [[sign.codePointAt(0), sign.codePointAt(0)]];

class Parser {
  constructor(source) {
    this.source = [...source];
    this.place = 0;
  }

  peek() {
    return this.source[this.place] ?? "";
  }

  take() {
    const found = this.peek();
    this.place += 1;
    return found;
  }

  bad() {
    return new BadPattern(Math.min(this.place, this.source.length) || 1);
  }

  alternatives(depth) {
    if (depth > MAX_DEPTH) throw this.bad();
    const found = [this.sequence(depth)];
    while (this.peek() === "|") {
      this.take();
      found.push(this.sequence(depth));
    }
    return found.length > 1 ? { head: "alt", parts: found } : found[0];
  }

  sequence(depth) {
    const parts = [];
    while (!["", "|", ")"].includes(this.peek())) {
      let part = this.atom(depth);
      if (REPEATS.includes(this.peek())) {
        if (["start", "end"].includes(part.head)) {
          this.take();
          throw this.bad();
        }
        part = { head: "rep", part, ...this.times() };
        if (this.peek() === "?") this.take(); // lazy or not, the whole text matches or it doesn't
        if (REPEATS.includes(this.peek())) {
          this.take();
          throw this.bad();
        }
      }
      parts.push(part);
    }
    return { head: "cat", parts };
  }

  times() {
    const sign = this.take();
    if (sign !== "{") return { least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : null };
    const least = this.number();
    let most = least;
    if (this.peek() === ",") {
      this.take();
      most = this.peek() === "}" ? null : this.number();
    }
    if (this.take() !== "}" || (most !== null && most < least)) throw this.bad();
    return { least, most };
  }

  number() {
    let digits = "";
    while (/^[0-9]$/.test(this.peek()) && digits.length < 4) digits += this.take();
    if (!digits) {
      this.take();
      throw this.bad();
    }
    return Number(digits);
  }

  atom(depth) {
    const sign = this.take();
    if (sign === "(") {
      if (this.peek() === "?") {
        this.take();
        if (this.take() !== ":") throw this.bad();
      }
      const inside = this.alternatives(depth + 1);
      if (this.take() !== ")") throw this.bad();
      return inside;
    }
    if (sign === "[") return { head: "set", ranges: this.characters() };
    if (sign === ".") return { head: "set", ranges: complement([[10, 10]]) };
    if (sign === "^" || sign === "$") return { head: sign === "^" ? "start" : "end" };
    if (sign === "\\") return { head: "set", ranges: this.escaped() };
    if (["*", "+", "?", "{", "}", "]"].includes(sign)) throw this.bad();
    return { head: "set", ranges: only(sign) };
  }

  escaped() {
    const sign = this.take();
    if (Object.hasOwn(CLASSES, sign)) return CLASSES[sign];
    if (Object.hasOwn(CLASSES, sign.toLowerCase())) return complement(CLASSES[sign.toLowerCase()]);
    if (Object.hasOwn(CONTROL, sign)) return [[CONTROL[sign], CONTROL[sign]]];
    if (!sign || /^[A-Za-z0-9]$/.test(sign)) throw this.bad();
    return only(sign);
  }

  characters() {
    const negative = this.peek() === "^";
    if (negative) this.take();
    const found = [];
    while (this.peek() !== "]") {
      const low = this.one();
      if (this.peek() === "-" && ![undefined, "]"].includes(this.source[this.place + 1])) {
        this.take();
        const high = this.one();
        const single = [low, high].every((ranges) => ranges.length === 1 && ranges[0][0] === ranges[0][1]);
        if (!single || high[0][0] < low[0][0]) throw this.bad();
        found.push([low[0][0], high[0][0]]);
      } else {
        found.push(...low);
      }
    }
    this.take();
    if (!found.length) throw this.bad();
    return negative ? complement(found) : found;
  }

  one() {
    const sign = this.take();
    if (sign === "" || sign === "[") throw this.bad();
    return sign === "\\" ? this.escaped() : only(sign);
  }
}

/** States by number: one with `ranges` reads a character on its way; without, its ways are free, or open at a `guard`. */
class Pattern {
  constructor(tree) {
    this.states = [];
    this.known = new Map();
    this.accept = this.state([]);
    this.first = this.set(this.closure([this.build(tree, this.accept)], ["start"]));
  }

  state(ways, ranges = null, guard = null) {
    if (this.states.length >= MAX_STATES) throw new BadPattern(1);
    this.states.push({ ways, ranges, guard });
    return this.states.length - 1;
  }

  build(tree, then) {
    switch (tree.head) {
      case "set":
        return this.state([then], tree.ranges);
      case "start":
      case "end":
        return this.state([then], null, tree.head);
      case "cat":
        return tree.parts.reduceRight((next, part) => this.build(part, next), then);
      case "alt":
        return this.state(tree.parts.map((part) => this.build(part, then)));
      default:
    }
    let next = then;
    if (tree.most === null) {
      next = this.state([]);
      this.states[next].ways = [this.build(tree.part, next), then];
    } else {
      for (let count = tree.least; count < tree.most; count += 1) next = this.state([this.build(tree.part, next), then]);
    }
    for (let count = 0; count < tree.least; count += 1) next = this.build(tree.part, next);
    return next;
  }

  closure(states, open = []) {
    const found = new Set(states);
    const left = [...states];
    while (left.length) {
      const { ways, ranges, guard } = this.states[left.pop()];
      if (ranges !== null || (guard !== null && !open.includes(guard))) continue;
      for (const way of ways) {
        if (!found.has(way)) {
          found.add(way);
          left.push(way);
        }
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  /** A set of states with the steps known from it; the same object for the same set. */
  set(states) {
    const key = states.join();
    if (!this.known.has(key)) this.known.set(key, { states, steps: new Map() });
    return this.known.get(key);
  }

  step(from, sign) {
    const code = sign.codePointAt(0);
    const reached = new Set();
    for (const number of from.states) {
      const { ways, ranges } = this.states[number];
      if (ranges?.some(([low, high]) => low <= code && code <= high)) reached.add(ways[0]);
    }
    if (this.known.size >= MAX_CACHED) this.known.clear();
    const found = this.set(this.closure([...reached]));
    if (from.steps.size >= MAX_CACHED) from.steps.clear();
    from.steps.set(sign, found);
    return found;
  }

  /** Whether the whole text is one of the pattern's. */
  matches(text) {
    let from = this.first;
    for (const sign of text) {
      from = from.steps.get(sign) ?? this.step(from, sign);
      if (!from.states.length) return false;
    }
    return this.closure(from.states, text ? ["end"] : ["start", "end"]).includes(this.accept);
  }
}

const compiled = new Map();

/** Throws BadPattern. */
export function compilePattern(source) {
  if (compiled.has(source)) return compiled.get(source);
  if ([...source].length > MAX_LENGTH) throw new BadPattern(MAX_LENGTH);
  const parser = new Parser(source);
  const tree = parser.alternatives(0);
  if (parser.peek()) {
    parser.take();
    throw parser.bad();
  }
  const pattern = new Pattern(tree);
  if (compiled.size >= 512) compiled.clear();
  compiled.set(source, pattern);
  return pattern;
}
