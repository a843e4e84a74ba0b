// Where a restored file goes: a place that the person chooses, or else the browser's own store and from there to its downloads.
import { Stopped, TooLarge } from "../errors.js";
import * as spooled from "./spooled.js";

/** What a browser that can do neither may hold in memory. */
export const MOST_IN_MEMORY = 512 << 20;

/**
 * @typedef {(engine: import("../worker/client.js").Engine, call: string, args: object,
 *   options?: import("../worker/client.js").Options) => Promise<void>} Save runs a call of the worker that gives a stream, and keeps
 *   what it gives: all of it, or nothing
 */

/**
 * Where to save. To be called while a click is handled, for browsers open the dialog only then. Throws Stopped where the person
 * chose nothing, TooLarge where this browser has no way for so much.
 * @param {{name: string, size?: number}} what `size` where known @returns {Promise<Save>}
 */
export async function choose({ name, size }) {
  if (globalThis.showSaveFilePicker) return picked(await pick(name));
  if (await spooled.works()) return spooled.save(name);
  if (size > MOST_IN_MEMORY) throw tooLarge();
  return inMemory(name);
}

async function pick(suggestedName) {
  try {
    return await showSaveFilePicker({ suggestedName });
  } catch (error) {
    throw error.name === "AbortError" ? new Stopped("no place was chosen") : error;
  }
}

/** The file takes its name only once the stream has come to its end. */
const picked = (handle) => async (engine, call, args, options) => {
  const file = await handle.createWritable();
  let stream;
  try {
    ({ stream } = await engine.stream(call, args, options));
  } catch (error) {
    await file.abort();
    throw error;
  }
  await stream.pipeTo(file);
};

const inMemory = (name) => async (engine, call, args, options) => {
  const { stream, about } = await engine.stream(call, args, options);
  const parts = [];
  let size = about?.size ?? 0;
  if (size > MOST_IN_MEMORY) throw (await stream.cancel(), tooLarge());
  size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) break;
    if ((size += value.length) > MOST_IN_MEMORY) throw (await reader.cancel(), tooLarge());
    parts.push(value);
  }
  await download(new Blob(parts), name);
};

/** @param {Blob} blob */
export async function download(blob, name, wait = 60_000) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), wait);
}

const tooLarge = () =>
  new TooLarge("this browser can save up to 512 MB at once: restore less, use a recent Chrome, Edge, Firefox or Safari, or the program");
