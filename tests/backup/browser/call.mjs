// Call functions of the engine's modules by name: [[module, name, arguments], …] on standard input, {value} or {error} each.
import { text } from "node:stream/consumers";

const ENGINE = new URL("../../../backup/static_src/backup/engine/", import.meta.url);
const out = (_name, value) => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  return typeof value === "bigint" ? { $big: String(value) } : value;
};
const into = (_name, value) => {
  if (value?.$bytes !== undefined) return new Uint8Array(Buffer.from(value.$bytes, "base64"));
  return value?.$big === undefined ? value : BigInt(value.$big);
};

const answers = [];
for (const [module, name, args] of JSON.parse(await text(process.stdin), into)) {
  const begun = performance.now();
  try {
    const loaded = await import(new URL(module, ENGINE));
    answers.push({ value: await loaded[name](...args), seconds: (performance.now() - begun) / 1000 });
  } catch (error) {
    answers.push({ error: { kind: error.kind ?? error.constructor.name, message: error.message, faults: error.faults } });
  }
}
process.stdout.write(JSON.stringify(answers, out));
