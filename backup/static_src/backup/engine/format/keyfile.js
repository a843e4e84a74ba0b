// Keys as files: text a person can keep, protected by a passphrase where he wants one (FORMAT.md, section 4).
import { concat, hex, little, random, view } from "../bytes.js";
import { aead, DoesntOpen } from "../crypto/aead.js";
import { digest, SIGNATURE, stretch, verifies } from "../crypto/primitives.js";
import { BadKeyfile, Damaged, PassphraseNeeded } from "../errors.js";
import * as badges from "./badge.js";
import { isMap, shaped, unpack } from "./body.js";
import { body, master } from "./derive.js";
import { isRole, Key, KNOWS, MASTER } from "./keys.js";
import * as layout from "./layout.js";

const BEGIN = "-----BEGIN SUITE BACKUP KEY-----", END = "-----END SUITE BACKUP KEY-----";
const LONGEST = 64 * 1024;
const CLEAR = 0, PROTECTED = 1;
const START = layout.SIZE + 1, COST = 28, NONCE = 12;
export const USUAL_COST = { memory: 65536, passes: 3, lanes: 4 };
const MOST = { memory: 1 << 20, passes: 16, lanes: 16 };
const NAME = "keyfile";

/** The text of the keyfile. A second of work where there is a passphrase. @param {Key} key */
export async function dump(key, passphrase = "") {
  return armour(await toProtected(key, passphrase), { Role: key.label, Key: key.id });
}

/** The key in a keyfile. Throws BadKeyfile, or PassphraseNeeded for a missing or wrong passphrase. @returns {Promise<Key>} */
export async function load(text, passphrase = "") {
  const binary = toBinary(text);
  try {
    const prologue = layout.parse(binary, layout.KEYFILE, null, NAME);
    return parsed(binary.subarray(0, layout.SIZE), prologue, await payload(binary, passphrase, prologue.suite));
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw Object.assign(new BadKeyfile("the keyfile is damaged or was changed"), { why: error.why });
  }
}

/** Eight digits that tell one keyfile from another and prove a copy whole, without telling anything of the key. */
export function controlCode(binary) {
  const digits = hex(digest(binary).subarray(0, 4)).toUpperCase();
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}

/** Whether a passphrase is needed, before any is asked for. */
export const isProtected = (text) => toBinary(text)[layout.SIZE] !== CLEAR;

/** The bytes between the first and the last line of a keyfile. */
export function toBinary(text) {
  const lines = text.slice(0, LONGEST).trim().split(/\r\n|\n|\r/).map((line) => line.trim());
  const body = lines.slice(lines.indexOf(BEGIN) + 1, lines.indexOf(END));
  const base64 = body.slice(body.indexOf("") + 1).join("");
  if (!lines.includes(BEGIN) || !body.includes("") || !/^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(base64) || base64.includes("_"))
    throw new BadKeyfile("this isn't a keyfile, or a part of it is missing");
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

/** The text form of a keyfile's bytes, with lines for people before them. @param {Record<string, string>} facts */
export function armour(binary, facts = {}) {
  const base64 = btoa(Array.from(binary, (byte) => String.fromCharCode(byte)).join(""));
  const lines = {
    ...facts,
    Repository: hex(layout.parse(binary, layout.KEYFILE, null, NAME).repository),
    Passphrase: binary[layout.SIZE] === CLEAR ? "no" : "yes",
    Control: controlCode(binary),
  };
  const said = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
  return [BEGIN, ...said, "", ...base64.match(/.{1,64}/g), END, ""].join("\n");
}

async function toProtected(key, passphrase) {
  const prologue = layout.prologue(layout.KEYFILE, key.repository, key.suite);
  const clear = concat(key.origin, body(key));
  if (!passphrase) return concat(prologue, Uint8Array.of(CLEAR), clear);
  const { memory, passes, lanes } = USUAL_COST;
  const head = concat(prologue, Uint8Array.of(PROTECTED), random(16), little(memory, 4), little(passes, 4), little(lanes, 4));
  const nonce = random(NONCE);
  return concat(head, nonce, await aead(key.suite, stretched(passphrase, head)).encrypt(nonce, clear, head));
}

async function payload(binary, passphrase, suite) {
  if (binary[layout.SIZE] === CLEAR) return binary.subarray(START);
  if (binary[layout.SIZE] !== PROTECTED) throw new Damaged(NAME, "protected in a way this program doesn't know");
  if (binary.length < START + COST + NONCE) throw new Damaged(NAME, "cut");
  if (!passphrase) throw new PassphraseNeeded("this keyfile is protected: give its passphrase");
  const head = binary.subarray(0, START + COST);
  const nonce = binary.subarray(START + COST, START + COST + NONCE);
  try {
    return await aead(suite, stretched(passphrase, head)).decrypt(nonce, binary.subarray(START + COST + NONCE), head);
  } catch (error) {
    if (!(error instanceof DoesntOpen)) throw error;
    throw new PassphraseNeeded("the passphrase is wrong, or the keyfile was changed");
  }
}

function stretched(passphrase, head) {
  const [memory, passes, lanes] = [16, 20, 24].map((at) => view(head).getUint32(START + at, true));
  const cost = { memory, passes, lanes };
  if (Object.entries(cost).some(([what, value]) => value > MOST[what]))
    throw new Damaged(NAME, "asks for more memory or time than a keyfile may");
  if (!passes || !lanes || memory < 8 * lanes) throw new Damaged(NAME, "asks for less than Argon2id needs");
  return stretch(passphrase, head.subarray(START, START + 16), cost);
}

function parsed(start, { repository, suite }, clear) {
  const [signature, raw] = [clear.subarray(0, SIGNATURE), clear.subarray(SIGNATURE)];
  const content = unpack(raw, NAME);
  shaped(content, { role: isRole, master: 32 }, NAME);
  if (!verifies(content.master, signature, concat(start, raw))) throw new Damaged(NAME, "the signature is wrong");
  if (content.role === MASTER) {
    const key = master(shaped(content, { seed: 32 }, NAME).seed, repository, suite);
    if (hex(key.master) !== hex(content.master)) throw new Damaged(NAME, "the seed doesn't fit the repository");
    return key;
  }
  const secrets = Object.fromEntries(KNOWS[content.role].map((secret) => [secret, 32]));
  shaped(content, { sign: 32, ...secrets, private: isMap, badge: "bytes" }, NAME);
  shaped(content.private, Object.fromEntries(Object.keys(content.private).map((each) => [each, 32])), NAME);
  return new Key({
    role: content.role, repository, suite, master: content.master, signing: content.sign,
    opens: { ...content.private },
    shared: Object.fromEntries(KNOWS[content.role].map((secret) => [secret, content[secret]])),
    badge: badges.read(content.badge, repository, content.master, NAME),
    origin: signature,
  });
}
