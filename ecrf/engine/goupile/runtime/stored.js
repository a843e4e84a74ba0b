// Values between what the suite stores (texts, lists of codes, lists of rows) and what a script works with.

import { codesOf } from "./codes.js";
import { LocalDate, LocalTime } from "./moments.js";
import { isPlain } from "./util.js";

const MOMENTS = { date: LocalDate, month: LocalDate, time: LocalTime };
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{2}:\d{2}(:\d{2})?$/;
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,14})?$/;

/** What a script sees of one stored value, given what is known of its variable. */
export function revive(value, variable) {
  if (value == null) return undefined;
  if (!variable) return guessed(value);
  const { type } = variable;
  if (MOMENTS[type] || (type === "calc" && MOMENTS[variable.kind])) {
    try {
      return MOMENTS[variable.kind ?? type].parse(value) ?? undefined;
    } catch {
      return undefined;
    }
  }
  if (type === "number" || (type === "calc" && variable.kind === "number")) {
    const number = typeof value === "number" ? value : parseFloat(value);
    return Number.isNaN(number) ? undefined : number;
  }
  if (type === "enum") return typed(value, variable.props);
  if (type === "text" || type === "password") return value;
  if (type === "multi") return Array.isArray(value) ? value.map((one) => typed(one, variable.props)) : typed(value, variable.props);
  if (type === "repeat" && Array.isArray(value)) return Object.fromEntries(value.map((row, i) => [i, isPlain(row) ? row : {}]));
  return value;
}

/** What a stored value most likely is, before its widget has been met. */
function guessed(value) {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.map(guessed);
  if (typeof value !== "string") return value;
  if (NUMBER.test(value)) return Number(value);
  try {
    if (DATE.test(value)) return LocalDate.parse(value);
    if (TIME.test(value)) return LocalTime.parse(value);
  } catch {
    return value;
  }
  return value;
}

function typed(value, props = []) {
  if (props.some((choice) => choice.value === value)) return value;
  const found = props.find((choice) => choice.code === String(value)) ?? props.find((choice) => String(choice.value) === String(value));
  return found ? found.value : value;
}

const isRows = (value) => Array.isArray(value) && value.length > 0 && value.every(isPlain);

/** Stored values as objects of a script: `variables` are known by path, with the numbers of rows as `*`. */
export function reviveAll(values, variables, prefix = []) {
  const live = {};
  for (const name of Object.keys(values ?? {})) {
    const path = [...prefix, name];
    const general = path.map((step) => (/^\d+$/.test(step) ? "*" : step)).join(".");
    const given = values[name];
    const known = variables[general] ?? (isRows(given) ? { type: "repeat" } : null);
    const found = revive(given, known);
    live[name] = isPlain(found) ? reviveAll(found, variables, path) : found;
  }
  return live;
}

/** What is known of the variables of a run, by path. */
export function variablesOf(widgets) {
  const known = {};
  for (const widget of widgets) {
    const general = widget.key.path.map((step) => (/^\d+$/.test(step) ? "*" : step)).join(".");
    const variable = { type: widget.type, label: widget.label };
    if (widget.options.public) variable.public = true;
    if (widget.props) {
      const codes = codesOf(widget.props.map((choice) => choice.value));
      variable.props = widget.props.map((choice, i) => ({ value: choice.value ?? null, label: String(choice.label ?? ""), code: codes[i] }));
    }
    if (widget.type === "calc" && widget.value !== undefined)
      variable.kind = widget.value instanceof LocalDate ? "date" : widget.value instanceof LocalTime ? "time" : typeof widget.value === "number" ? "number" : "text";
    known[general] ??= variable;
  }
  return known;
}

/** JSON of live values: moments as ISO texts, what is empty left out, nothing that JSON can't say. */
export function plain(value, depth = 0) {
  if (value == null || typeof value === "function" || typeof value === "symbol") return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object") return value;
  if (value instanceof LocalDate || value instanceof LocalTime) return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (depth > 50) throw new Error("Values are nested too deep");
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  const made = {};
  for (const name of Object.keys(value)) {
    const one = plain(value[name], depth + 1);
    if (one !== null) made[name] = one;
  }
  return made;
}
