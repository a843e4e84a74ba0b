// Run an expression tree in the browser. The twin of ecrf/engine/expressions/run.py, which is the authority.
// Values: decimal {c, e}, string, boolean, moment {day?, second?}, or null; an array of codes behind `ticked` and `count`.

import * as decimal from "./decimal.js";
import * as moments from "./moments.js";

const UNIT_SECONDS = { y: 31556952, M: 2630016, d: 86400, h: 3600, m: 60, s: 1 };

const isDecimal = (value) => typeof value === "object" && value !== null && "c" in value;

/** -1, 0 or 1 for two values of the same ordered type. */
function order(a, b) {
  return isDecimal(a) ? decimal.compare(a, b) : Math.sign(moments.seconds(a) - moments.seconds(b));
}

function equal(a, b) {
  if (a === null || b === null) return a === b;
  if (typeof a !== "object") return a === b;
  return order(a, b) === 0;
}

const extreme = (sign) => (values) => values.reduce((best, value) => (sign * order(value, best) > 0 ? value : best));

function fold(operation) {
  return (...values) => values.reduce((result, value) => (result === null ? null : operation(result, value)));
}

function toText(value) {
  if (isDecimal(value)) return decimal.write(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" ? value : moments.write(value);
}

const trim = (text) => text.replace(/^ +| +$/g, "");
const characters = (text) => [...text];
const lower = (text) => text.toLowerCase();

/** A count of characters: never below zero, never absurd. */
function whole(x) {
  const text = decimal.write(x).split(".")[0];
  return text.startsWith("-") ? 0 : text.length > 6 ? 100000 : Math.min(Number(text), 100000);
}

function age(birth, on) {
  if (on.day < birth.day) return null;
  const [y1, m1, d1] = moments.civil(birth.day);
  const [y2, m2, d2] = moments.civil(on.day);
  return decimal.fromInt(y2 - y1 - (m2 < m1 || (m2 === m1 && d2 < d1) ? 1 : 0));
}

function datediff(first, second, unit, signed) {
  const distance = moments.seconds(second) - moments.seconds(first);
  return decimal.divide(decimal.fromInt(signed ? distance : Math.abs(distance)), decimal.fromInt(UNIT_SECONDS[unit]));
}

const part = (index) => (moment) => decimal.fromInt(moments.civil(moment.day)[index]);

const SKIPPING = {
  sum: decimal.total,
  mean: decimal.mean,
  median: decimal.median,
  deviation: decimal.deviation,
  min: extreme(-1),
  max: extreme(1),
  concat: (values) => values.join(""),
};

const SPREADING = {
  not: (a) => !a,
  "=": equal,
  "<>": (a, b) => !equal(a, b),
  "<": (a, b) => order(a, b) < 0,
  "<=": (a, b) => order(a, b) <= 0,
  ">": (a, b) => order(a, b) > 0,
  ">=": (a, b) => order(a, b) >= 0,
  "+": fold(decimal.add),
  "-": decimal.subtract,
  "*": fold(decimal.multiply),
  "/": decimal.divide,
  "%": decimal.modulo,
  "^": decimal.power,
  neg: decimal.negate,
  abs: decimal.absolute,
  sqrt: decimal.squareRoot,
  exp: decimal.exponential,
  ln: (a) => decimal.logarithm(a),
  log: decimal.logarithm,
  round: (a, digits) => decimal.rounded(a, digits, "round"),
  floor: (a, digits) => decimal.rounded(a, digits, "floor"),
  ceil: (a, digits) => decimal.rounded(a, digits, "ceil"),
  year: part(0),
  month: part(1),
  day: part(2),
  date_of: (a) => ({ day: a.day }),
  age,
  datediff,
  upper: (a) => a.toUpperCase(),
  lower,
  trim,
  length: (a) => decimal.fromInt(characters(a).length),
  left: (a, n) => characters(a).slice(0, whole(n)).join(""),
  right: (a, n) => characters(a).slice(Math.max(0, characters(a).length - whole(n))).join(""),
  mid: (a, first, many) => {
    const start = Math.max(0, whole(first) - 1);
    return characters(a).slice(start, start + whole(many)).join("");
  },
  contains: (a, b) => lower(a).includes(lower(b)),
  starts: (a, b) => lower(a).startsWith(lower(b)),
  ends: (a, b) => lower(a).endsWith(lower(b)),
  number: (a) => (isDecimal(a) ? a : decimal.parse(trim(a))),
  text: toText,
};

const LITERAL = {
  number: decimal.parse,
  text: (text) => text,
  boolean: (value) => value,
  date: moments.parseDate,
  datetime: moments.parseDatetime,
  time: moments.parseTime,
};

/** `read(name)` gives a variable's value or null; `context` has `today` and `now` as moments, and `subject`. */
export function run(node, read, context) {
  const [head, ...parts] = node;
  const at = (index) => run(parts[index], read, context);
  switch (head) {
    case "null":
      return null;
    case "var":
      return read(parts[0]);
    case "ticked":
      return (read(parts[0]) ?? []).includes(parts[1]);
    case "count":
      return decimal.fromInt((read(parts[0]) ?? []).length);
    case "today":
      return context.today;
    case "now":
      return context.now;
    case "subject":
      return context.subject || null;
    case "and":
    case "or": {
      const end = head === "or";
      let result = !end;
      for (let index = 0; index < parts.length; index += 1) {
        const value = at(index);
        if (value === end) return end;
        if (value === null) result = null;
      }
      return result;
    }
    case "if":
      return at(at(0) === true ? 1 : 2);
    case "same":
      return equal(at(0), at(1));
    case "distinct":
      return !equal(at(0), at(1));
    default:
  }
  if (!Array.isArray(parts[0])) return LITERAL[head](parts[0]);
  const values = parts.map((_, index) => at(index));
  if (head in SKIPPING) {
    const known = values.filter((value) => value !== null);
    return known.length ? SKIPPING[head](known) : null;
  }
  return values.includes(null) ? null : SPREADING[head](...values);
}

export { toText };
