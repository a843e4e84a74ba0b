// Reads {expressions: [{expression, values, types, context}], forms: [{definition, values, context}], patterns: [{source,
// text}]} on stdin and answers with what the browser's evaluator makes of each.
import { readFileSync } from "node:fs";
import { compile, evaluate } from "../../../ecrf/static_src/ecrf/engine/evaluate.js";
import { run, toText } from "../../../ecrf/static_src/ecrf/engine/expressions.js";
import * as decimal from "../../../ecrf/static_src/ecrf/engine/decimal.js";
import * as moments from "../../../ecrf/static_src/ecrf/engine/moments.js";
import { compilePattern } from "../../../ecrf/static_src/ecrf/engine/patterns.js";

const READ = {
  number: decimal.parse,
  text: (text) => text,
  date: moments.parseDate,
  datetime: moments.parseDatetime,
  time: moments.parseTime,
  partial: moments.parsePartial,
  codes: (codes) => codes,
};

const mapOf = (object, change) => new Map(Object.entries(object ?? {}).map(([key, part]) => [key, change(part)]));

function expression({ expression: node, values, types, context }) {
  const now = moments.parseDatetime(context.now);
  const typed = (given) =>
    new Map(Object.entries(given).map(([name, value]) => [name, value === null ? null : READ[types[name]](value)]));
  const own = typed(values);
  const result = run(node, (name) => own.get(name) ?? null, {
    ...context,
    now,
    today: { day: now.day },
    others: mapOf(context.others, typed),
    rows: mapOf(context.rows, (rows) => rows.map(typed)),
    statuses: mapOf(context.statuses, (status) => status),
    choice: context.choice ? mapOf(context.choice, (text) => text) : null,
  });
  return result === null || typeof result === "boolean" ? result : toText(result);
}

function form({ definition, values, context }) {
  const state = evaluate(compile(definition), values, context);
  return {
    ...state,
    visible: [...state.visible].sort(),
    defaults: [...state.defaults].sort(),
    recomputed: [...state.recomputed].sort(),
  };
}

function pattern({ source, text }) {
  try {
    return compilePattern(source).matches(text);
  } catch ({ place }) {
    return { place };
  }
}

const request = JSON.parse(readFileSync(0, "utf8"));
const answer = {
  expressions: (request.expressions ?? []).map(expression),
  forms: (request.forms ?? []).map(form),
  patterns: (request.patterns ?? []).map(pattern),
};
process.stdout.write(JSON.stringify(answer));
