// An evaluated form in the engine's terms. The twin of ecrf/engine/goupile/state.py, which is the authority.
import { placeOf, places, repeatOf } from "./places.js";

const same = (one, other) => typeof one === typeof other && one === other;

/** A number in canonical spelling, never with an exponent. */
export function spell(number) {
  if (!Number.isFinite(number)) return null;
  const text = String(number);
  if (!/e/.test(text)) return text === "-0" ? "0" : text;
  const [, sign, whole, part = "", power] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  const digits = whole + part;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0").slice(0, point)}${digits.length > point ? `.${digits.slice(point)}` : ""}`;
}

/** The stored spelling of what a widget holds. */
export function canonical(widget) {
  const { value, type } = widget;
  if (value === null || value === undefined || value === "") return null;
  if (type === "enum" || type === "multi") {
    const given = [value].flat();
    const codes = (widget.choices ?? []).filter((one) => given.some((each) => same(one.value, each))).map((one) => String(one.code));
    return type === "multi" ? codes : (codes[0] ?? null);
  }
  if (type === "file") return typeof value === "object" ? value.sha256 || null : String(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") return spell(value);
  return type === "time" ? String(value).replace(/^(\d\d:\d\d):00$/, "$1") : String(value);
}

/** Every widget that holds a value, in the order of the page. */
export function* widgetsOf(tree) {
  for (const widget of tree) {
    if (widget.path) yield widget;
    yield* widgetsOf(widget.children ?? []);
  }
}

/** {values, visible, required, defaults, findings, summary, enabled, widgets, actions} of a page. */
export function stateOf(page, answer, language) {
  const at = placeOf(page);
  const state = { values: {}, visible: new Set(), required: new Set(), defaults: new Set(), findings: [], loose: new Map() };
  const rows = new Map();
  for (const widget of widgetsOf(answer.widgets)) {
    if (widget.type === "repeat") {
      const key = repeatOf(page, widget.path);
      if (key) rows.set(key, (state.values[key] = Array.from({ length: widget.length ?? 0 }, () => ({}))));
      continue;
    }
    const place = at(widget.path);
    const [, repeat, row, key] = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(place) ?? [];
    if (repeat) {
      if (rows.get(repeat)?.[row]) rows.get(repeat)[row][key] = canonical(widget);
    } else if (!place.includes("/")) state.values[place] = canonical(widget);
    else state.loose.set(place, canonical(widget));
    if (widget.visible !== false) state.visible.add(place);
    if (widget.mandatory && !widget.disabled) state.required.add(place);
    if (Object.hasOwn(answer.following, widget.path) && canonical(widget) !== null) state.defaults.add(place);
  }
  for (const { item, path, repeat } of places(page)) {
    if (repeat || !item.source?.["goupile.assigned"] || Object.hasOwn(state.values, item.key)) continue;
    const value = path.reduce((held, step) => held?.[step], answer.values);
    state.values[item.key] = value !== null && typeof value === "object" ? null : canonical({ type: "calc", value });
  }
  for (const error of answer.errors) {
    const place = at(error.path);
    const [, row, key] = /^(\w+\[\d+\])\.(\w+)$/.exec(place) ?? [null, "", place];
    const required = error.code === "required";
    const severity = error.block ? (required ? "missing" : "error") : "warning";
    const message = required ? null : { [language]: error.message };
    state.findings.push({ key, row, code: required ? "required" : "check_failed", severity, params: { check: error.code }, message, when: error.delay ? "save" : "input", waived: Boolean(error.waived) });
  }
  const own = page.source?.["goupile.page"] ?? page.key;
  state.enabled = (answer.project?.pages ?? []).every((one) => one.key !== own || one.enabled !== false);
  return { ...state, summary: answer.summary ?? "", widgets: answer.widgets, actions: answer.actions ?? [], following: answer.following };
}
