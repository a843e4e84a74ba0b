// The recovery sheet: a key on paper, to be scanned or typed again when all else is lost (FORMAT.md, section 14).
import { concat } from "../bytes.js";
import { BadKeyfile } from "../errors.js";
import { master } from "../format/derive.js";
import { armour, controlCode, dump, isProtected, load, toBinary } from "../format/keyfile.js";
import { MASTER } from "../format/keys.js";
import { SUITES } from "../format/layout.js";
import * as lines from "./lines.js";

const SEED = 0, WHOLE = 1;

/**
 * The lines to type and the text of the QR code. A master key without a passphrase takes three lines, for it is no more than its seed.
 * @param {string} keyfile
 */
export async function draw(keyfile) {
  const binary = toBinary(keyfile);
  const key = isProtected(keyfile) ? null : await load(keyfile);
  const short = key?.role === MASTER;
  const content = short ? concat(Uint8Array.of(SEED, key.suite), key.repository, key.seed) : concat(Uint8Array.of(WHOLE), binary);
  const typed = lines.write(content);
  return {
    role: key?.label ?? null,
    control: controlCode(binary),
    lines: typed,
    code: typed.map((line) => line.replaceAll(" ", "")).join("/"),
  };
}

/** The keyfile that a sheet gives back, from its lines or from its QR code. Throws Mistyped, BadKeyfile. @param {string[]} typed */
export async function fromLines(typed) {
  const content = lines.read(typed.flatMap((line) => line.split(/[/\n]/)));
  const [form, rest] = [content[0], content.subarray(1)];
  if (form === WHOLE) return armour(rest);
  if (form !== SEED || rest.length !== 1 + 16 + 32 || !SUITES.includes(rest[0]))
    throw new BadKeyfile("the sheet holds no key that this program knows");
  return dump(master(rest.slice(17), rest.slice(1, 17), rest[0]));
}
