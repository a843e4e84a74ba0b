// A value of an item, read and spelt in its one canonical way. The twin of ecrf/engine/values.py.

import formats from "../../../engine/formats.json" with { type: "json" };
import * as decimal from "./decimal.js";
import { toText } from "./expressions.js";
import * as moments from "./moments.js";
import { compilePattern } from "./patterns.js";

const MAX_TEXT = 20000;
const LARGEST_WHOLE = decimal.fromInt(10 ** 15);
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Surrogate}/u;
const NOTHING = [null, null];

export class Unreadable extends Error {
  constructor(code, params = {}) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

const trim = (text) => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");

function scalar(raw, code) {
  if (typeof raw !== "string") throw new Unreadable(code);
  return trim(raw);
}

function readText(item, raw) {
  const text = scalar(raw, "not_text").replaceAll("\r\n", "\n");
  const limit = item.max_length ?? MAX_TEXT;
  if (CONTROL.test(text)) throw new Unreadable("control_character");
  if (text.includes("\n") && item.look !== "lines") throw new Unreadable("one_line_only");
  if ([...text].length > limit) throw new Unreadable("too_long", { limit });
  if (item.format && text && !new RegExp(formats[item.format]).test(text)) {
    throw new Unreadable("bad_format", { format: item.format });
  }
  if (item.pattern && text && !compilePattern(item.pattern).matches(text)) throw new Unreadable("bad_pattern_text");
  if (item.look === "pin" && !/^[0-9]*$/.test(text)) throw new Unreadable("not_digits");
  return text ? [text, text] : NOTHING;
}

function readNumber(item, raw) {
  const whole = item.type === "integer";
  const code = whole ? "not_whole" : "not_number";
  const text = scalar(typeof raw === "number" ? String(raw) : raw, code);
  if (!text) return NOTHING;
  const number = decimal.parse(text);
  if (number === null || (whole && number.e < 0)) throw new Unreadable(code);
  if (whole && decimal.compare(decimal.absolute(number), LARGEST_WHOLE) > 0) throw new Unreadable("too_large");
  const spelt = decimal.write(number);
  if (item.decimals && (spelt.split(".")[1] ?? "").length > item.decimals) {
    throw new Unreadable("too_many_decimals", { limit: item.decimals });
  }
  return [spelt, number];
}

const PARSE = { date: moments.parseDate, partial_date: moments.parsePartial, datetime: moments.parseDatetime, time: moments.parseTime };

function readMoment(item, raw) {
  const text = scalar(raw, `not_${item.type}`);
  if (!text) return NOTHING;
  const moment = PARSE[item.type](text);
  if (moment === null) throw new Unreadable(`not_${item.type}`);
  return [moments.write(moment), moment];
}

function readChoice(item, raw) {
  const code = Number.isInteger(raw) ? String(raw) : scalar(raw, "unknown_choice");
  if (!code) return NOTHING;
  if (!item.choices.some((choice) => choice.code === code)) {
    throw new Unreadable("unknown_choice", { choice: code.slice(0, 80) });
  }
  return [code, code];
}

function readChoices(item, raw) {
  if (!Array.isArray(raw) || !raw.every((code) => typeof code === "string" || Number.isInteger(code))) {
    throw new Unreadable("not_list");
  }
  const given = raw.map(String);
  const unknown = given.filter((code) => !item.choices.some((choice) => choice.code === code));
  if (unknown.length) throw new Unreadable("unknown_choice", { choice: unknown.slice(0, 5).join(", ").slice(0, 80) });
  const ticked = item.choices.filter((choice) => given.includes(choice.code));
  if (ticked.length > 1 && ticked.some((choice) => choice.exclusive)) throw new Unreadable("exclusive_choice");
  if (item.max_ticked && ticked.length > item.max_ticked) {
    throw new Unreadable("too_many_ticked", { limit: item.max_ticked });
  }
  const codes = ticked.map((choice) => choice.code);
  return [codes, codes];
}

const READERS = {
  text: readText,
  integer: readNumber,
  decimal: readNumber,
  date: readMoment,
  partial_date: readMoment,
  datetime: readMoment,
  time: readMoment,
  choice: readChoice,
  choices: readChoices,
  file: readText,
  output: () => {
    throw new Unreadable("holds_no_value");
  },
};

export const isEmpty = (raw) =>
  raw === null || raw === undefined || raw === "" || (Array.isArray(raw) && raw.length === 0);

/** The canonical spelling and the typed value of what was typed. Throws Unreadable. */
export const read = (item, raw) => (isEmpty(raw) ? NOTHING : READERS[item.type](item, raw));

/** The canonical spelling of what an expression gave for an item of this type. */
export function write(kind, value) {
  if (value === null) return null;
  if (kind === "integer") {
    const text = decimal.write(value);
    return text.includes(".") ? null : text;
  }
  return toText(value) || null;
}
