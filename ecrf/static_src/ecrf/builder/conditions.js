// Conditions as rows (field, operator, value) and as the expressions that they stand for.

const NULL = ["null"];
const isVar = (node) => Array.isArray(node) && node[0] === "var" && node.length === 2;
const isNull = (node) => Array.isArray(node) && node[0] === "null";
const LITERAL = { integer: "number", decimal: "number", date: "date", datetime: "datetime", time: "time", partial_date: "date" };

/** How a field of a type is compared: [operator, words, whether a value is asked]. */
export function operators(type) {
  const filled = [["filled", gettext("is filled in"), false], ["empty", gettext("is empty"), false]];
  if (type === "choices") return [["ticked", gettext("has ticked"), true], ["unticked", gettext("hasn’t ticked"), true], ...filled];
  const same = [["=", gettext("is"), true], ["<>", gettext("is not"), true]];
  if (type === "choice") return [...same, ...filled];
  if (type === "text" || type === "file") return [...same, ["contains", gettext("contains"), true], ...filled];
  const sized = [["<", "<", true], ["<=", "≤", true], [">", ">", true], [">=", "≥", true]];
  return [["=", "=", true], ["<>", "≠", true], ...sized, ...filled];
}

/** One row as an expression; null while it isn't finished. */
export function rowNode(row, type) {
  if (!row.field || !row.op) return null;
  const field = ["var", row.field];
  if (row.op === "filled" || row.op === "empty") {
    if (type === "choices") return [row.op === "empty" ? "=" : ">", ["count", row.field], ["number", "0"]];
    return [row.op === "empty" ? "same" : "distinct", field, NULL];
  }
  if (row.value === "" || row.value === undefined || row.value === null) return null;
  if (row.op === "ticked") return ["ticked", row.field, row.value];
  if (row.op === "unticked") return ["not", ["ticked", row.field, row.value]];
  if (row.op === "contains") return ["contains", field, ["text", row.value]];
  const value = LITERAL[type] === "number" ? String(row.value).replace(",", ".") : row.value;
  return [row.op, field, [LITERAL[type] ?? "text", value]];
}

/** One comparison as a row; null where rows can't say it. */
export function nodeRow(node, typeOf) {
  const [head, left, right] = node;
  if (head === "ticked") return { field: left, op: "ticked", value: right };
  if (head === "not" && left?.[0] === "ticked") return { field: left[1], op: "unticked", value: left[2] };
  if (left?.[0] === "count" && right?.[0] === "number" && right[1] === "0" && (head === "=" || head === ">")) {
    return { field: left[1], op: head === "=" ? "empty" : "filled", value: "" };
  }
  if (!isVar(left) || !Array.isArray(right)) return null;
  const field = left[1];
  if (isNull(right) && (head === "same" || head === "distinct")) return { field, op: head === "same" ? "empty" : "filled", value: "" };
  const literal = right.length === 2 && typeof right[1] === "string";
  if (head === "contains" && right[0] === "text" && literal) return { field, op: "contains", value: right[1] };
  const op = { same: "=", distinct: "<>" }[head] ?? head;
  const offered = operators(typeOf(field)).some(([name]) => name === op);
  // a distinct of REDCap holds where nothing is answered: only its own words keep that
  if (!literal || !offered || head === "distinct" || (LITERAL[typeOf(field)] ?? "text") !== right[0]) return null;
  return { field, op, value: right[1] };
}

/** An expression as {join, rows}, where a row may be a group of rows; null where rows can't say it. */
export function toRows(node, typeOf) {
  if (!node) return { join: "and", rows: [] };
  const inside = (part, deep) => {
    if (!Array.isArray(part)) return null;
    if ((part[0] === "and" || part[0] === "or") && deep) {
      const rows = part.slice(1).map((one) => inside(one, false));
      return rows.every(Boolean) ? { join: part[0], rows } : null;
    }
    return nodeRow(part, typeOf);
  };
  if (node[0] !== "and" && node[0] !== "or") {
    const row = inside(node, false);
    return row && { join: "and", rows: [row] };
  }
  const rows = node.slice(1).map((part) => inside(part, true));
  return rows.every(Boolean) ? { join: node[0], rows } : null;
}

/** Rows as an expression; unfinished rows are left out; undefined where nothing is said. */
export function toNode({ join, rows }, typeOf) {
  const nodes = rows.map((row) => (row.rows ? toNode(row, typeOf) : rowNode(row, typeOf(row.field)))).filter(Boolean);
  if (!nodes.length) return undefined;
  return nodes.length === 1 ? nodes[0] : [join, ...nodes];
}
