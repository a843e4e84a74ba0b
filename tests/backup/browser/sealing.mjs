// Seal and open files with the browser's modules: one request on standard input.
//   {op: "seal", path, to, name, type, modified, passphrase, secret, salt, order}   fragments written to `to`
//   {op: "open", path, to, link, passphrase}                                     clear bytes written to `to`
//   {op: "resume", path, state, passphrase, name, modified}
import { open as openFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { open } from "../../../backup/static_src/backup/engine/sealing/open.js";
import { fromFragment } from "../../../backup/static_src/backup/engine/sealing/keys.js";
import { FRAGMENT } from "../../../backup/static_src/backup/engine/sealing/layout.js";
import { resume, seal } from "../../../backup/static_src/backup/engine/sealing/seal.js";

const into = (_name, value) => (value?.$bytes !== undefined ? new Uint8Array(Buffer.from(value.$bytes, "base64")) : value);
const request = JSON.parse(await text(process.stdin), into);
const { op, path, to, passphrase = "" } = request;
const file = await openFile(path);
const read = async (offset, length) => {
  const buffer = new Uint8Array(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
};
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
const begun = performance.now();

async function source() {
  const { name, type, modified } = request;
  return {
    name, size: (await file.stat()).size,
    ...(type && { type }), ...(modified && { modified: BigInt(modified) }),
    read: (start, stop) => read(start, stop - start),
  };
}

async function run() {
  if (op === "open") {
    const { content, ...about } = await open(read, fromFragment(request.link), passphrase);
    const out = to && (await openFile(to, "w"));
    let size = 0;
    for await (const chunk of content) {
      await out?.write(chunk);
      size += chunk.length;
    }
    await out?.close();
    return { ...about, modified: about.modified && String(about.modified), written: size };
  }
  const sealing =
    op === "resume"
      ? await resume(await source(), { passphrase }, request.state)
      : seal(await source(), { passphrase }, request.secret, request.salt);
  const out = to && (await openFile(to, "w"));
  const stop = request.stop ?? sealing.fragments;
  for (let number = sealing.sent.length; number < stop; number++) {
    const fragment = await sealing.fragment(number);
    if (request.twice && Buffer.compare(fragment, await sealing.fragment(number))) throw new Error("a fragment has changed");
    await out?.write(fragment, 0, fragment.length, number * FRAGMENT);
  }
  await out?.close();
  return { link: sealing.link, size: sealing.size, fragments: sealing.fragments, state: sealing.state() };
}

let answer;
try {
  answer = { value: await run() };
} catch (error) {
  answer = { error: { kind: error.kind ?? error.constructor.name, message: error.message } };
}
clearInterval(watch);
process.stdout.write(JSON.stringify({ ...answer, seconds: (performance.now() - begun) / 1000, peak }));
