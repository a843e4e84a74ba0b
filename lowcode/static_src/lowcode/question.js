// The question being built: plain values, never changed in place, so that undo is the value before.
export const NUMERIC = new Set(["integer", "number"]);
export const TEMPORAL = new Set(["date", "datetime"]);
const MANY = new Set(["one_of", "none_of"]);
const NONE = new Set(["missing", "present"]);
const WITHOUT_COLUMN = new Set(["rows", "share"]);
const RESERVED = new Set(
  "by having metrics self false none true and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(" "),
);

/** A name for a column of the result, made as the server makes it. */
export function outputName(words) {
  const plain = words.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase();
  let name = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 36) || "column";
  if (!/^[a-z]/.test(name)) name = `c_${name}`;
  return RESERVED.has(name) ? `${name}_` : name;
}

/** Give every output the name its content asks for, and carry the order over from the old names to the new. */
export function named(query) {
  const taken = new Set();
  const renamed = new Map();
  const name = (item, words) => {
    const base = outputName(words);
    let chosen = base;
    for (let number = 2; taken.has(chosen); number += 1) chosen = `${base}_${number}`;
    taken.add(chosen);
    renamed.set(item.name, chosen);
    return { ...item, name: chosen };
  };
  const by = query.by.map((key) => name(key, key.column));
  const measures = query.measures.map((measure) =>
    name(measure, [measure.of, measure.column, measure.at].filter((part) => part !== undefined && part !== "").join("_")),
  );
  const order = query.order
    .filter((term) => renamed.has(term.by))
    .map((term) => ({ ...term, by: renamed.get(term.by) }))
    .filter((term) => measures.find((measure) => measure.name === term.by)?.of !== "spread");
  return { query: { ...query, by, measures, order }, renamed };
}

export function firstOperator(column) {
  if (column.kind === "text") return "one_of";
  return column.kind === "boolean" ? "equals" : "at_least";
}

export function newCondition(column) {
  const is = firstOperator(column);
  return column.kind === "boolean" ? { column: column.name, is, value: true } : withOperator({ column: column.name, is }, is);
}

/** The same condition under another operator, keeping the values that still fit. */
export function withOperator(condition, is) {
  const values = valuesOf(condition);
  const { column } = condition;
  if (NONE.has(is)) return { column, is };
  if (MANY.has(is)) return { column, is, values };
  if (is === "between") return { column, is, values: values.slice(0, 2) };
  return values.length ? { column, is, value: values[0] } : { column, is };
}

export const valuesOf = (condition) => condition.values ?? (condition.value === undefined ? [] : [condition.value]);
export const takesMany = (is) => MANY.has(is);
export const takesNone = (is) => NONE.has(is);
const filled = (value) => value !== undefined && value !== null && value !== "";

export function isComplete(condition) {
  if (takesNone(condition.is)) return true;
  const values = valuesOf(condition);
  if (condition.is === "between") return filled(values[0]) && filled(values[1]);
  if (takesMany(condition.is)) return values.length > 0;
  return values.length === 1 && (filled(values[0]) || values[0] === "");
}

/** The question as it is sent: conditions that wait for a value are left out. */
export function sent(query) {
  const prune = (group) => ({
    match: group.match,
    items: group.items.map((item) => (item.match ? prune(item) : item)).filter((item) => item.match || isComplete(item)),
  });
  return { ...query, where: prune(query.where) };
}

/** Places of conditions in what is sent -> places in what is shown, since incomplete ones are left out of the first. */
export function shownPlace(query, place) {
  const parts = place.split(".");
  if (parts[0] !== "where") return place;
  const out = ["where"];
  let group = query.where;
  for (let at = 1; at < parts.length; at += 1) {
    out.push(parts[at]);
    if (parts[at] !== "items" || !group) continue;
    const wanted = Number(parts[at + 1]);
    const kept = group.items.map((item, number) => [item, number]).filter(([item]) => item.match || isComplete(item));
    if (!kept[wanted]) return place;
    out.push(String(kept[wanted][1]));
    group = kept[wanted][0].match ? kept[wanted][0] : null;
    at += 1;
  }
  return out.join(".");
}

/** The item at a path of numbers inside the filter, changed; `undefined` takes it out. */
export function changedFilter(group, path, change) {
  const [here, ...rest] = path;
  if (here === undefined) return change(group);
  const items = group.items.flatMap((item, number) => {
    if (number !== here) return [item];
    const next = rest.length ? changedFilter(item, rest, change) : change(item);
    return next === undefined ? [] : [next];
  });
  return { ...group, items };
}

export const countConditions = (group) =>
  group.items.reduce((sum, item) => sum + (item.match ? countConditions(item) : 1), 0);

export const needsColumn = (of) => !WITHOUT_COLUMN.has(of);

const NICE = [1, 2, 2.5, 5, 10];

/** A round width that cuts a range into about ten classes. */
export function niceWidth(low, high, whole) {
  const rough = (high - low) / 10;
  if (!(rough > 0)) return 1;
  const scale = 10 ** Math.floor(Math.log10(rough));
  const width = Number((scale * NICE.find((step) => step * scale >= rough)).toPrecision(6));
  return whole ? Math.max(1, Math.ceil(width)) : width;
}

/** A period that cuts a range of days into a few dozen. */
export function nicePeriod(low, high) {
  const days = (Date.parse(high) - Date.parse(low)) / 86_400_000;
  if (!(days > 45)) return "day";
  if (days < 200) return "week";
  return days < 2200 ? "month" : "year";
}

/** How a column is grouped by when nothing is said, from what is known of its values. */
export function newKey(column, facts) {
  const key = { column: column.name };
  const few = facts.distinct !== null && facts.distinct <= 15;
  if (TEMPORAL.has(column.kind)) return { ...key, truncate: nicePeriod(facts.minimum, facts.maximum) };
  if (Object.keys(column.codes).length || column.kind === "boolean") return key;
  if (NUMERIC.has(column.kind) && !few && facts.minimum !== null)
    return { ...key, bin: { width: niceWidth(facts.minimum, facts.maximum, column.kind === "integer") } };
  if (column.kind === "text" && facts.distinct > 30) return { ...key, top: 10 };
  return key;
}

export function newMeasure(column) {
  return { of: NUMERIC.has(column.kind) ? "mean" : "distinct", column: column.name };
}
