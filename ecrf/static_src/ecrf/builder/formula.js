// An expression as text. The twin of ecrf/engine/expressions/text.py; reading the text is the server's work.

const LEVEL = { or: 1, and: 2, "=": 4, "<>": 4, same: 4, distinct: 4, "<": 4, "<=": 4, ">": 4, ">=": 4 };
Object.assign(LEVEL, { "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, neg: 7, "^": 8 });
const SPELT = { same: "=", distinct: "<>" };
const LITERALS = new Set(["number", "text", "boolean", "date", "datetime", "time"]);

export function write(node, above = 0) {
  const [head, ...rest] = node;
  if (head === "null") return "''";
  if (head === "var") return `[${rest[0]}]`;
  if (head === "ticked") return `[${rest[0]}(${rest[1]})]`;
  if (LITERALS.has(head) && !Array.isArray(rest[0])) return head === "number" || head === "boolean" ? String(rest[0]) : `'${rest[0]}'`;
  if (head === "number" || head === "text") return write(rest[0], above);
  const level = LEVEL[head];
  if (level === undefined) {
    const inside = head === "count" ? `[${rest[0]}]` : rest.map((part) => (Array.isArray(part) ? write(part) : String(part))).join(", ");
    return `${head}(${inside})`;
  }
  if (head === "neg") return `-${write(rest[0], level)}`;
  const text = rest.map((part, place) => write(part, level + (place > 0 ? 1 : 0))).join(` ${SPELT[head] ?? head} `);
  return level < above ? `(${text})` : text;
}
