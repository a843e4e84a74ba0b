// The worker's side: calls come in, answers, progress and chunks go out. Keys stay here unless a call is there to give them.
//   page → worker   {id, call, args} · {id, more: true} · {id, cancel: true}
//   worker → page   {session: "over"} · {id, progress} · {id, value} · {id, stream: about} then {id, chunk}… · {id, end: true} · {id, error}
import { BackupError, Stopped } from "../errors.js";
import { calls } from "./calls.js";
import { pump } from "./streams.js";

const EVERY = 100;

/** @param {{postMessage: Function, onmessage: Function | null}} port a worker's own scope, or a MessagePort */
export function serve(port, given = calls(undefined, () => port.postMessage({ session: "over" }))) {
  const running = new Map();
  port.onmessage = ({ data }) => {
    const { id, call, args, more, cancel } = data;
    if (call) void answer(id, call, args);
    else if (more) running.get(id)?.more();
    else if (cancel) running.get(id)?.stop.abort(new Stopped("stopped"));
  };

  async function answer(id, call, args) {
    const stop = new AbortController();
    const task = { stop, more: () => {} };
    running.set(id, task);
    const post = (message, transfer = []) => port.postMessage({ id, ...message }, transfer);
    try {
      if (!Object.hasOwn(given, call)) throw new BackupError(`the worker knows no call ${call}`);
      const progress = paced((done) => post({ progress: done }));
      const value = await given[call](args ?? {}, { signal: stop.signal, progress, at: (each) => given[each] });
      if (value?.chunks) {
        post({ stream: value.about });
        const sending = pump(value.chunks, post, stop.signal);
        task.more = sending.more;
        await sending.done;
        post({ end: true });
      } else post({ value });
    } catch (error) {
      post({ error: plain(stop.signal.aborted ? stop.signal.reason : error) });
    } finally {
      running.delete(id);
    }
  }
}

/** What the page can be told: an unexpected error without its traces, which may quote what was read. */
function plain(error) {
  return error instanceof BackupError ? error.plain : { kind: "error", message: `an error in the program: ${error?.name}: ${error?.message}` };
}

/** At most ten a second. */
function paced(tell) {
  let last = 0;
  return (done) => {
    const now = performance.now();
    if (now - last < EVERY) return;
    last = now;
    tell({ ...done });
  };
}
