// Run an expression tree in the browser. The twin of ecrf/engine/expressions/run.py, which is the authority.
// Values: decimal {c, e}, string, boolean, moment {day?, second?}, partial date {first, last, text}, or null; an array of
// codes behind `ticked` and `count`.

import * as decimal from "./decimal.js";
import * as moments from "./moments.js";
import { compilePattern } from "./patterns.js";

const UNIT_SECONDS = { y: 31556952, M: 2630016, d: 86400, h: 3600, m: 60, s: 1 };

const isDecimal = (value) => typeof value === "object" && value !== null && "c" in value;

/** -1, 0 or 1 for two values of the same ordered type. */
function order(a, b) {
  return isDecimal(a) ? decimal.compare(a, b) : Math.sign(moments.seconds(a) - moments.seconds(b));
}

const known = (truth, change) => (truth === null ? null : change(truth));
const negated = (truth) => known(truth, (value) => !value);

/** Dates known in part are equal, or not, only where that is certain. */
function equal(a, b) {
  if (typeof a !== "object") return a === b;
  if (moments.isPartial(a) || moments.isPartial(b)) return moments.coincide(a, b);
  return order(a, b) === 0;
}

/** Null is a value here, and a date known in part is the same as another that is known to the same extent. */
function same(a, b) {
  if (a === null || b === null) return a === b;
  if (moments.isPartial(a) || moments.isPartial(b)) return moments.write(a) === moments.write(b);
  return equal(a, b);
}

function precedes(a, b) {
  return moments.isPartial(a) || moments.isPartial(b) ? moments.precedes(a, b) : order(a, b) < 0;
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

const part = (index) => (moment) => known(moments.part(moment, index), decimal.fromInt);

/** A whole number that can be a year, or a step in time. */
function small(x) {
  const text = decimal.write(x);
  return text.includes(".") || text.length > 12 || Math.abs(Number(text)) > moments.LARGEST_SHIFT ? null : Number(text);
}

function makeDate(...parts) {
  const numbers = parts.map(small);
  return numbers.includes(null) ? null : moments.make(...numbers);
}

const HUNDRED = decimal.fromInt(100);
const arePositive = (...numbers) => numbers.every((x) => x.c > 0n);

function bmi(kg, cm) {
  const metres = decimal.divide(cm, HUNDRED);
  const square = metres === null ? null : decimal.multiply(metres, metres);
  return square !== null && arePositive(kg, cm, square) ? decimal.divide(kg, square) : null;
}

function bsa(kg, cm) {
  const product = arePositive(kg, cm) ? decimal.multiply(kg, cm) : null;
  const ratio = product === null ? null : decimal.divide(product, decimal.fromInt(3600));
  return ratio === null ? null : decimal.squareRoot(ratio);
}

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
  "<>": (a, b) => negated(equal(a, b)),
  "<": precedes,
  "<=": (a, b) => negated(precedes(b, a)),
  ">": (a, b) => precedes(b, a),
  ">=": (a, b) => negated(precedes(a, b)),
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
  weekday: (a) => decimal.fromInt(moments.weekday(a)),
  make_date: makeDate,
  shift: (moment, many, unit) => known(small(many), (step) => moments.shift(moment, step, unit)),
  earliest: moments.earliest,
  latest: moments.latest,
  bmi,
  bsa,
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
  matches: (text, pattern) => compilePattern(pattern).matches(text),
};

const AGGREGATES = {
  ...Object.fromEntries(["sum", "mean", "median", "min", "max"].map((how) => [how, SKIPPING[how]])),
  first: (values) => values[0],
  last: (values) => values.at(-1),
  join: (values) => values.join(", "),
};

const LITERAL = {
  number: decimal.parse,
  text: (text) => text,
  boolean: (value) => value,
  date: moments.parseDate,
  datetime: moments.parseDatetime,
  time: moments.parseTime,
  partial: moments.parsePartial,
};

const NOWHERE = new Map();

/** The values at the earlier events that ask it, in their order. */
function earlier(name, context) {
  const asked = (context.earlier ?? []).map((event) => context.others?.get(event)).filter((values) => values?.has(name));
  return asked.map((values) => values.get(name) ?? null);
}

const isValue = (value) => value !== null;

function over([how, repeat, node], read, context) {
  const rows = context.rows?.get(repeat) ?? [];
  const values = rows.map((row) => run(node, (name) => (row.has(name) ? row.get(name) : read(name)), context));
  if (how === "any" || how === "all") {
    const end = how === "any";
    return values.includes(end) ? end : values.includes(null) ? null : !end;
  }
  const found = values.filter(isValue);
  if (how === "count") return decimal.fromInt(found.filter((value) => value !== false).length);
  return found.length ? AGGREGATES[how](found) : null;
}

function decide(end, parts, read, context) {
  let result = !end;
  for (const part of parts) {
    const value = run(part, read, context);
    if (value === end) return end;
    if (value === null) result = null;
  }
  return result;
}

const boxes = (where, read, context) => (Array.isArray(where) ? run(where, read, context) : read(where)) ?? [];

/** Operators that look at their arguments themselves. */
const SPECIAL = {
  null: () => null,
  var: ([name], read) => read(name),
  ticked: ([where, code], read, context) => boxes(where, read, context).includes(code),
  count: ([where], read, context) => decimal.fromInt(boxes(where, read, context).length),
  of: ([event, name], read, context) =>
    event === context.event ? read(name) : (context.others?.get(event)?.get(name) ?? null),
  previous: ([name], read, context) => earlier(name, context).at(-1) ?? null,
  first: ([name], read, context) => earlier(name, context).find(isValue) ?? null,
  last: ([name], read, context) => earlier(name, context).findLast(isValue) ?? null,
  over,
  rows: ([repeat], read, context) => decimal.fromInt((context.rows?.get(repeat) ?? []).length),
  status: ([name], read, context) => context.statuses?.get(name) || null,
  choice: ([attribute], read, context) => (context.choice ?? NOWHERE).get(attribute) || null,
  today: (parts, read, context) => context.today,
  now: (parts, read, context) => context.now,
  subject: (parts, read, context) => context.subject || null,
  site: (parts, read, context) => context.site || null,
  arm: (parts, read, context) => context.arm || null,
  event: (parts, read, context) => context.event || null,
  instance: (parts, read, context) => decimal.fromInt(context.instance ?? 1),
  and: (parts, read, context) => decide(false, parts, read, context),
  or: (parts, read, context) => decide(true, parts, read, context),
  if: ([condition, then, otherwise], read, context) =>
    run(run(condition, read, context) === true ? then : otherwise, read, context),
  coalesce: (parts, read, context) => {
    for (const part of parts) {
      const value = run(part, read, context);
      if (value !== null) return value;
    }
    return null;
  },
  same: ([a, b], read, context) => same(run(a, read, context), run(b, read, context)),
  distinct: ([a, b], read, context) => !same(run(a, read, context), run(b, read, context)),
};

/**
 * `read(name)` gives a variable's value or null. `context` has `today` and `now` as moments; and where they are known
 * `subject`, `site`, `arm`, `event` (texts), `instance` (a number), `earlier` (an array of events), `others` (Map of
 * event -> Map of name -> value, a name being there if the event asks it), `rows` (Map of a repeat's key -> array of Maps,
 * each naming every item of the row), `statuses` (Map of name -> status) and `choice` (Map of attribute -> text, or null).
 */
export function run(node, read, context) {
  const [head, ...parts] = node;
  if (Object.hasOwn(SPECIAL, head)) return SPECIAL[head](parts, read, context);
  if (!Array.isArray(parts[0])) return LITERAL[head](parts[0]);
  const values = parts.map((part) => run(part, read, context));
  if (head in SKIPPING) {
    const found = values.filter(isValue);
    return found.length ? SKIPPING[head](found) : null;
  }
  return values.includes(null) ? null : SPREADING[head](...values);
}

export { toText };
