// An expression as authors read it. The twin of write_native in ecrf/engine/expressions/native.py; reading is the server's.

const LEVELS = { or: 1, and: 2, not: 3, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, neg: 7, "^": 8 };
const RESERVED = new Set(["and", "or", "not", "in", "is", "null", "true", "false"]);
const LITERALS = new Set(["number", "text", "boolean", "date", "datetime", "time", "partial"]);
const MERGED = new Set(["+", "*", "and", "or"]);
const NAMED = new Set(["previous", "first", "last", "rows", "status", "choice"]);

export const nameOf = (name) => (RESERVED.has(name.toLowerCase()) ? `[${name}]` : name);

const enclosed = (text, level, above) => (level < above ? `(${text})` : text);

function quoted(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + text.replaceAll(mark, mark + mark) + mark;
}

const inside = (part) => (typeof part === "string" ? nameOf(part) : write(part));

/** The literals of ``x = '1' or x = '2'``, if that is what it is. */
function among(parts) {
  const [first] = parts;
  const same = parts.every((part) => part[0] === "=" && JSON.stringify(part[1]) === JSON.stringify(first[1]) && ["text", "number"].includes(part[2][0]) && typeof part[2][1] === "string");
  return same && parts.length > 1 ? parts.map((part) => write(part[2])) : null;
}

export function write(node, above = 0) {
  const [head, ...rest] = node;
  if (head === "null") return "null";
  if (head === "var") return nameOf(rest[0]);
  if (head === "of") return `${nameOf(rest[1])}@${nameOf(rest[0])}`;
  if (head === "ticked") return `has(${inside(rest[0])}, ${quoted(rest[1])})`;
  if (head === "count") return `count(${inside(rest[0])})`;
  if (head === "over") return `${rest[0]}(${write(rest[2])} in ${nameOf(rest[1])})`;
  if (NAMED.has(head) && typeof rest[0] === "string") return `${head}(${nameOf(rest[0])})`;
  if (LITERALS.has(head) && !Array.isArray(rest[0])) {
    if (head === "boolean") return rest[0] ? "true" : "false";
    if (head === "number") return rest[0].startsWith("-") ? enclosed(rest[0], 7, above) : rest[0];
    return head === "text" ? quoted(rest[0]) : `${head}(${quoted(rest[0])})`;
  }
  if ((head === "same" || head === "distinct") && rest[1][0] === "null") return enclosed(`${write(rest[0], 5)} is ${head === "distinct" ? "not " : ""}null`, 4, above);
  const listed = head === "or" && among(rest);
  if (listed) return enclosed(`${write(rest[0][1], 5)} in (${listed.join(", ")})`, 4, above);
  const level = LEVELS[head];
  if (level === undefined || ((head === "and" || head === "or") && rest.length === 1)) return `${head}(${rest.map((part) => (Array.isArray(part) ? write(part) : String(part))).join(", ")})`;
  if (head === "not") return enclosed(`not ${write(rest[0], 3)}`, level, above);
  if (head === "neg") return enclosed(rest[0][0] === "number" && typeof rest[0][1] === "string" ? `-(${rest[0][1]})` : `-${write(rest[0], 7)}`, level, above);
  if (head === "^") return enclosed(`${write(rest[0], 9)} ^ ${write(rest[1], 7)}`, level, above);
  const apart = level === 4 || (MERGED.has(head) && rest[0][0] === head) ? 1 : 0;
  const sides = [write(rest[0], level + apart), ...rest.slice(1).map((part) => write(part, level + 1))];
  return enclosed(sides.join(` ${head === "<>" ? "!=" : head} `), level, above);
}
