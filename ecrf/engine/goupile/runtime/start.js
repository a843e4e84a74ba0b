// The door of the runtime: texts in, texts out. `__start` begins a run, whose answer is in `__answer` once its jobs ended.

import { evaluate } from "./evaluate.js";

const GRAMMAR = { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true, allowReturnOutsideFunction: true, locations: true };
const write = JSON.stringify;
const parser = globalThis.acorn;

globalThis.__start = (request) => {
  globalThis.__answer = undefined;
  evaluate(JSON.parse(request), parser && ((code) => parser.parse(code, GRAMMAR))).then((answer) => {
    globalThis.__answer = write(answer);
  });
};

/** The syntax tree of a script, for who reads scripts without running them. */
globalThis.__parse = (request) => {
  try {
    const told = (name, value) => (typeof value === "bigint" ? `${value}n` : value);
    globalThis.__answer = write({ ok: true, program: parser.parse(JSON.parse(request).code, GRAMMAR) }, told);
  } catch (error) {
    const line = error.loc ? error.loc.line : null;
    const code = error.loc ? "syntax" : "stack";
    globalThis.__answer = write({ ok: false, error: { code, message: String(error.message), file: "", line } });
  }
};
