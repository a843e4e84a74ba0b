// Run page scripts in QuickJS as WebAssembly: the engine of the server, with the same runtime, limits and answers.

export const LIMITS = { milliseconds: 2000, memory: 64 << 20, stack: 512 << 10, output: 8 << 20 };

const failed = (code, message = "") => ({ ok: false, error: { code, message: message.slice(0, 500), file: "", line: null } });

/** What a context's error says, when it is not the script that tells it. */
function told(error) {
  const message = String(error?.message ?? error);
  if (/interrupted/.test(message)) return failed("time");
  if (/memory/.test(message)) return failed("memory", message);
  return failed(/stack/i.test(message) ? "stack" : "exception", message);
}

/** `texts` are the runtime and the parser; the answer is the evaluated form, or what went wrong. */
export function makeEngine(QuickJS, texts, limits = LIMITS) {
  const isModular = (text) => text.includes("import") || text.includes("export");

  return function evaluate(request) {
    const runtime = QuickJS.newRuntime();
    runtime.setMemoryLimit(limits.memory);
    runtime.setMaxStackSize(limits.stack);
    const context = runtime.newContext();
    try {
      const needed = Object.values(request.files ?? {}).some(isModular) ? [texts.parser, texts.runtime] : [texts.runtime];
      for (const text of needed) context.unwrapResult(context.evalCode(text)).dispose();
      const until = Date.now() + limits.milliseconds;
      let late = false;
      runtime.setInterruptHandler(() => (late ||= Date.now() > until));
      const given = context.newString(JSON.stringify(request));
      const start = context.getProp(context.global, "__start");
      const begun = context.callFunction(start, context.undefined, given);
      given.dispose();
      start.dispose();
      if (begun.error) {
        const error = context.dump(begun.error);
        begun.error.dispose();
        return told(error);
      }
      begun.value.dispose();
      const jobs = runtime.executePendingJobs();
      if (jobs.error) {
        const error = context.dump(jobs.error);
        jobs.error.dispose();
        return late ? failed("time") : told(error);
      }
      if (late) return failed("time");
      const answer = context.getProp(context.global, "__answer").consume((handle) => context.dump(handle));
      if (typeof answer !== "string") return failed("waits");
      return answer.length > limits.output ? failed("output") : JSON.parse(answer);
    } finally {
      context.dispose();
      runtime.dispose();
    }
  };
}
