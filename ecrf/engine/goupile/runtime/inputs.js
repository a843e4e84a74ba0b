// The widgets that hold a value: form.text, form.number, form.enumRadio… and form.calc.

import { readChoices } from "./codes.js";
import { LocalDate, LocalTime } from "./moments.js";
import { textOf } from "./markup.js";
import { isPlain, roundTo } from "./util.js";

const asText = (value) => (value == null ? undefined : String(value));
const asNumber = (value) => {
  const number = parseFloat(value);
  return Number.isNaN(number) ? undefined : number;
};
const asMoment = (kind) => (value) => {
  if (value instanceof kind) return value;
  if (typeof value !== "string") return undefined;
  try {
    return kind.parse(value) ?? undefined;
  } catch {
    return undefined;
  }
};
const asOne = (value) => (Array.isArray(value) ? (value.length === 1 ? value[0] : undefined) : value);

export function addInputs(form, kit) {
  function input(type, given, label, asked, normalize, choices = null, prepare = null, multi = false) {
    const options = kit.expand(asked);
    const key = kit.key(given, options);
    prepare?.(options);
    const value = kit.read(key, options, normalize);
    const widget = kit.widget(type, key, label, options);
    kit.variable(widget, key, value, choices, multi);
    return kit.add(widget);
  }

  const text = (look) =>
    function (key, label, options = {}) {
      const widget = input(look === "secret" || look === "pin" ? "password" : "text", key, label, options, asText);
      widget.node.look = look;
      if (look === "lines") Object.assign(widget.node, { rows: widget.options.rows || 3, cols: widget.options.cols || 30 });
      if (look === "pin" && widget.value && !/^[0-9]*$/.test(widget.value)) kit.fault(widget, kit.words.digits, { code: "digits" });
      return widget;
    };
  form.text = text("line");
  form.textArea = text("lines");
  form.password = text("secret");
  form.pin = text("pin");

  function precise(widget, decimals) {
    const { value } = widget;
    if (value != null && Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) > 1e-6)
      kit.fault(widget, kit.words.number, { code: "decimals" });
  }

  form.number = (key, label, options = {}) => {
    const widget = input("number", key, label, options, asNumber);
    widget.node.decimals = widget.options.decimals || 0;
    kit.limits(widget);
    precise(widget, widget.node.decimals);
    return widget;
  };

  form.slider = (key, label, options = {}) => {
    const widget = input("number", key, label, options, asNumber, null, (expanded) => {
      expanded.decimals ||= 0;
      expanded.min ||= 0;
      expanded.max ??= 10;
      if (typeof expanded.min !== "number" || typeof expanded.max !== "number")
        throw new Error("The options min and max of a slider are numbers; use prefix and suffix for texts");
      if (expanded.max <= expanded.min) throw new Error("Range (options.max - options.min) must be positive");
      expanded.prefix ??= expanded.min;
      expanded.suffix ??= expanded.max;
    });
    Object.assign(widget.node, { look: "slider", decimals: widget.options.decimals, floating: !!widget.options.floating });
    const ticks = ticksOf(widget.options);
    if (ticks.length) widget.node.ticks = ticks;
    kit.limits(widget);
    precise(widget, widget.options.decimals);
    return widget;
  };

  const single = (look) =>
    function (key, label, given = [], options = {}) {
      const choices = readChoices(given);
      const widget = input("enum", key, label, options, asOne, choices);
      Object.assign(widget.node, { look, untoggle: widget.options.untoggle !== false });
      return widget;
    };
  form.enumButtons = form.enum = single("buttons");
  form.enumRadio = single("radio");
  form.enumDrop = single("list");
  const yesNo = (yes, no) => (key, label, options) => {
    const widget = form.enum(key, label, [[yes, kit.words.yes], [no, kit.words.no]], options);
    widget.node.look = "yesno";
    return widget;
  };
  form.binary = yesNo(1, 0);
  form.boolean = yesNo(true, false);

  const several = (look) =>
    function (key, label, given = [], options = {}) {
      const choices = readChoices(given);
      const nullable = choices.some((choice) => choice.value == null);
      const normalize = (value) => {
        const list = Array.isArray(value) ? value : value == null ? [] : [value];
        return list.length ? list : nullable ? undefined : [];
      };
      const widget = input("multi", key, label, options, normalize, choices, null, true);
      widget.node.look = look;
      return widget;
    };
  form.multiButtons = form.multi = several("buttons");
  form.multiCheck = several("check");

  const moment = (type, kind, normalize) =>
    function (key, label, options = {}) {
      const widget = input(type, key, label, options, normalize);
      kit.limits(widget, (limit) => kind.parse(limit instanceof kind ? limit : String(limit)));
      return widget;
    };
  const asMonth = (value) => {
    const month = asMoment(LocalDate)(value);
    return month && new LocalDate(month.year, month.month, null);
  };
  form.date = moment("date", LocalDate, asMoment(LocalDate));
  form.month = moment("month", LocalDate, asMonth);
  form.time = (key, label, options = {}) => {
    const widget = moment("time", LocalTime, asMoment(LocalTime))(key, label, options);
    widget.node.seconds = !!widget.options.seconds;
    return widget;
  };

  form.file = (key, label, options = {}) =>
    input("file", key, label, options, (value) => (typeof value === "string" || isPlain(value) ? value : undefined));

  form.calc = (given, label, value, asked = {}) => {
    const options = kit.expand(asked);
    const key = kit.key(given, options);
    options.mandatory = false;
    const result = value == null || Number.isNaN(value) ? undefined : value;
    const allowed = ["string", "number", "undefined"].includes(typeof result) || result instanceof LocalDate || result instanceof LocalTime;
    if (!allowed) throw new Error("Calculated value must be a string, a number, a date or a time");
    const widget = kit.widget("calc", key, label, options);
    kit.variable(widget, key, result);
    kit.add(widget);
    widget.node.text = shown(result, options);
    if (options.decimals != null) widget.node.decimals = options.decimals;
    if (result !== key.ptr[key.name]) key.ptr[key.name] = result;
    return widget;
  };

  /** How a calculation is shown; what is kept is not rounded. */
  function shown(value, options) {
    if (value === undefined) return kit.words.none;
    if (options.text != null) return textOf(typeof options.text === "function" ? options.text(value) : options.text);
    if (typeof value !== "number" || !Number.isFinite(value)) return String(value);
    return options.decimals == null ? String(roundTo(value, 2)) : value.toFixed(options.decimals);
  }

  form.proposition = (value, label) => ({ value, label: label || value });
}

function ticksOf({ ticks, min, max }) {
  if (ticks == null || ticks === false) return [];
  let list;
  if (ticks === true) list = Array.from({ length: Math.floor(max - min) + 1 }, (_, i) => min + i);
  else if (isPlain(ticks))
    list = Object.keys(ticks).map((place) => {
      const at = parseFloat(place);
      if (Number.isNaN(at)) throw new Error("The place of a tick is a number");
      return [at, ...(Array.isArray(ticks[place]) ? ticks[place] : [ticks[place]])];
    });
  else {
    const made = typeof ticks === "function" ? ticks() : ticks;
    if (made == null || typeof made[Symbol.iterator] !== "function") throw new Error("Option 'ticks' must be a boolean, an object or array-like");
    list = Array.from(made);
  }
  return list
    .map((tick) => (Array.isArray(tick) ? { at: tick[0], label: textOf(tick[1]), mark: tick.length < 3 || !!tick[2] } : { at: tick, label: String(tick), mark: true }))
    .filter((tick) => tick.at >= min && tick.at <= max);
}
