// The page's side of the worker.
import { revived } from "../errors.js";
import { receiver } from "./streams.js";

/** @param {string | URL} address of the built worker (backup-worker.js) */
export const start = (address) => new Engine(new Worker(address, { type: "module" }));

/** @typedef {{signal?: AbortSignal, progress?: (done: object) => void}} Options */

export class Engine {
  #port;
  #waiting = new Map();
  #last = 0;

  /** @param {Worker | MessagePort} port */
  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data }) => (data.session ? this.onSessionOver() : this.#waiting.get(data.id)?.(data));
    port.onerror = (event) => this.#fail({ kind: "error", message: event.message || "the worker has failed" });
  }

  /** The worker waits until `signedIn` is called: for who opened a repository with `waits`. */
  onSessionOver = () => {};

  /** The answer to a call (worker/calls.js). @param {string} call @param {object} [args] @param {Options} [options] */
  call(call, args, options = {}) {
    return this.#begin(call, args, options, () => {}).answer;
  }

  /** What a call says of its stream, and the stream. @param {Options} [options] */
  async stream(call, args, options = {}) {
    const chunks = receiver({ more: () => tell({ more: true }), cancel: () => tell({ cancel: true }) });
    const { id, answer } = this.#begin(call, args, options, (message) => {
      if (message.chunk) chunks.take(message.chunk);
      else if (message.end) chunks.end();
      else if (message.error) chunks.fail(revived(message.error));
    });
    const tell = (message) => this.#port.postMessage({ id, ...message });
    return { about: await answer, stream: chunks.stream };
  }

  /** Ends the worker and all that it holds, keys too. */
  close() {
    this.#port.terminate?.();
    this.#port.close?.();
    this.#fail({ kind: "stopped", message: "the worker was closed" });
  }

  #begin(call, args, { signal, progress = () => {} }, after) {
    const id = (this.#last += 1);
    const stop = () => this.#port.postMessage({ id, cancel: true });
    signal?.addEventListener("abort", stop, { once: true });
    const over = () => {
      this.#waiting.delete(id);
      signal?.removeEventListener("abort", stop);
    };
    const answer = new Promise((resolve, reject) => {
      let streaming = false;
      this.#waiting.set(id, (message) => {
        if (message.progress) return progress(message.progress);
        if ("value" in message || message.error || message.end) over();
        if ("stream" in message) {
          streaming = true;
          return resolve(message.stream);
        }
        if (streaming) return after(message);
        if (message.error) return reject(revived(message.error));
        return resolve(message.value);
      });
    });
    this.#port.postMessage({ id, call, args });
    if (signal?.aborted) stop();
    return { id, answer };
  }

  #fail(error) {
    for (const [id, take] of this.#waiting) take({ id, error });
  }
}
