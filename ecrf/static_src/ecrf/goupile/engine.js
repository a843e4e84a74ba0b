// Run page scripts in QuickJS as WebAssembly: the engine of the server, with the same runtime, limits and answers.

export const LIMITS = { milliseconds: 2000, memory: 64 << 20, stack: 256 << 10, output: 8 << 20 };

const LIMITING = new Set(["time", "memory", "stack", "waits"]);

const failed = (code, message = "") => ({ ok: false, error: { code, message: message.slice(0, 500), file: "", line: null } });

/** What a context's error says, when it is not the script that tells it. */
function told(error) {
  const message = String(error?.message ?? error);
  if (/interrupted/.test(message)) return failed("time");
  if (/memory/.test(message)) return failed("memory", message);
  return failed(/stack/i.test(message) ? "stack" : "exception", message);
}

/** `texts` are the runtime and the parser; the answer is the evaluated form, or what went wrong.

    A script that met a limit may leave what can't be taken apart: `broken` then says that QuickJS is to be loaded anew. */
export function makeEngine(QuickJS, texts, limits = LIMITS) {
  const engine = { broken: false, evaluate };
  return engine;

  /** Only a script that imports is parsed, which costs more than the run itself. */
  function evaluate(request, milliseconds = limits.milliseconds) {
    const answer = run(request, [texts.runtime], milliseconds);
    return answer.error?.code === "needs_parser" ? run(request, [texts.parser, texts.runtime], milliseconds) : answer;
  }

  function run(request, needed, milliseconds) {
    const runtime = QuickJS.newRuntime();
    runtime.setMemoryLimit(limits.memory);
    runtime.setMaxStackSize(limits.stack);
    const context = runtime.newContext();
    for (const text of needed) context.unwrapResult(context.evalCode(text)).dispose();
    const until = Date.now() + milliseconds;
    let late = false;
    runtime.setInterruptHandler(() => (late ||= Date.now() > until));
    const answer = attempted(() => asked(runtime, context, JSON.stringify(request)) ?? failed("waits"));
    const limit = late ? failed("time") : answer;
    if (LIMITING.has(limit.error?.code)) engine.broken = true;
    else {
      context.dispose();
      runtime.dispose();
    }
    return limit;
  }

  /** WebAssembly has a stack of the browser's too, which may end first. */
  function attempted(work) {
    try {
      return work();
    } catch (error) {
      return failed(error instanceof RangeError ? "stack" : "memory", String(error?.message ?? error));
    }
  }

  function asked(runtime, context, text) {
    const given = context.newString(text);
    const start = context.getProp(context.global, "__start");
    const begun = context.callFunction(start, context.undefined, given);
    given.dispose();
    start.dispose();
    if (begun.error) return told(begun.error.consume((error) => context.dump(error)));
    begun.value.dispose();
    const jobs = runtime.executePendingJobs();
    if (jobs.error) return told(jobs.error.consume((error) => context.dump(error)));
    jobs.dispose?.();
    const answer = context.getProp(context.global, "__answer").consume((handle) => context.dump(handle));
    if (typeof answer !== "string") return null;
    return answer.length > limits.output ? failed("output") : JSON.parse(answer);
  }
}
