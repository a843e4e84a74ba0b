// Streams between the worker and a page, with a word for each chunk that is wanted: Safari can't hand a stream itself over.

/** How many chunks may be on their way. */
const CREDIT = 4;

/**
 * In the worker: send what a generator gives, as the page asks for it. Ends the generator when the page wants no more.
 * @param {AsyncIterable<Uint8Array>} source @param {(message: object, transfer?: Transferable[]) => void} post
 * @param {AbortSignal} signal
 * @returns {{more: () => void, done: Promise<void>}}
 */
export function pump(source, post, signal) {
  let wanted = CREDIT;
  let wake = () => {};
  const more = () => {
    wanted += 1;
    wake();
  };
  signal.addEventListener("abort", () => wake(), { once: true });
  const run = async () => {
    for await (const chunk of source) {
      // A part of a larger buffer can't be handed over by itself.
      const whole = chunk.byteLength === chunk.buffer.byteLength ? chunk : chunk.slice();
      post({ chunk: whole }, [whole.buffer]);
      wanted -= 1;
      while (wanted <= 0 && !signal.aborted) await new Promise((resolve) => (wake = resolve));
      signal.throwIfAborted();
    }
  };
  return { more, done: run() };
}

/**
 * In the page: the stream of these chunks.
 * @param {{more: () => void, cancel: () => void}} other the worker
 * @returns {{stream: ReadableStream<Uint8Array>, take: (chunk: Uint8Array) => void, end: () => void, fail: (error: Error) => void}}
 */
export function receiver(other) {
  let controller;
  const waiting = [];
  let over = null;
  let asked = false;
  const give = () => {
    if (!asked) return;
    if (waiting.length) {
      asked = false;
      controller.enqueue(waiting.shift());
      other.more();
    } else if (over) over();
  };
  const stream = new ReadableStream(
    {
      start: (given) => void (controller = given),
      pull() {
        asked = true;
        give();
      },
      cancel() {
        over = () => {};
        asked = false;
        other.cancel();
      },
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    take: (chunk) => (waiting.push(chunk), give()),
    end: () => ((over = () => controller.close()), give()),
    fail(error) {
      waiting.length = 0;
      over = () => {};
      controller.error(error);
    },
  };
}
