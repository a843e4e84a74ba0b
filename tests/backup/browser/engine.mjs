// Drive the browser's engine from a test: calls on standard input, answers on standard output, through the worker's own protocol.
// A call with `to` writes its stream into that file; bytes travel as {"$bytes": base64}, large numbers as {"$big": digits}.
import { open } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Engine } from "../../../backup/static_src/backup/engine/worker/client.js";
import { serve } from "../../../backup/static_src/backup/engine/worker/serve.js";

const out = (_name, value) => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  return typeof value === "bigint" ? { $big: String(value) } : value;
};
const into = (_name, value) => (value?.$bytes !== undefined ? new Uint8Array(Buffer.from(value.$bytes, "base64")) : value);

const { port1, port2 } = new MessageChannel();
serve(port1);
const engine = new Engine(port2);
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);

/** Into a file, piece by piece: node's own bridge from streams to files takes in all that comes. */
async function kept(stream, to) {
  const file = await open(to, "w");
  try {
    for await (const chunk of stream) await file.write(chunk);
  } finally {
    await file.close();
  }
}

async function run({ call, args, to, stopAfter }) {
  const stop = new AbortController();
  const steps = [];
  const options = {
    signal: stop.signal,
    progress(done) {
      steps.push(done);
      if (stopAfter !== undefined && steps.length > stopAfter) stop.abort();
    },
  };
  try {
    if (!to) return { value: await engine.call(call, args, options), steps };
    const begun = performance.now();
    const { about, stream } = await engine.stream(call, args, options);
    await kept(stream, to);
    return { about, seconds: (performance.now() - begun) / 1000, peak, steps };
  } catch (error) {
    return { error: { ...error, message: error.message } };
  }
}

const answers = [];
for (const each of JSON.parse(await text(process.stdin), into)) answers.push(await run(each));
clearInterval(watch);
port1.close();
port2.close();
process.stdout.write(JSON.stringify(answers, out));
