// The master key in the hands of several people: any k of n shares make it again (FORMAT.md, section 14).
import { hex, random, unhex } from "../bytes.js";
import { AES } from "../crypto/aead.js";
import { BadKeyfile } from "../errors.js";
import { master } from "../format/derive.js";
import { controlCode, dump, toBinary } from "../format/keyfile.js";
import { MASTER } from "../format/keys.js";
import { Mistyped } from "./lines.js";
import * as slip39 from "./slip39.js";

const CODE = /^\s*SHARE\/([12])\/([0-9A-F]{32})\/([0-9A-F]{8})\/([A-Z ]+)\s*$/;
const WORDS = 33;

/** The shares are good, but more of them are needed. */
export class TooFew extends BadKeyfile {
  constructor(there, needed) {
    super(`${there} different shares are here, ${needed} are needed`);
    Object.assign(this, { there, needed });
  }
}

/**
 * Shares of a master key, of which `threshold` are enough.
 * @param {import("../format/keys.js").Key} key
 * @returns {Promise<{number: number, count: number, threshold: number, split: string, words: string[], code: string}[]>} `code`: what the
 *   QR code says
 */
export async function split(key, threshold, count, chance = random) {
  key.require(MASTER);
  const control = (await controlOf(key)).replace("-", "");
  return slip39.split(key.seed, threshold, count, chance).map((share) => {
    const words = slip39.write(share);
    const code = `SHARE/${key.suite}/${hex(key.repository).toUpperCase()}/${control}/${words.join(" ").toUpperCase()}`;
    return { number: share.index + 1, count, threshold, split: share.identifier.toString(16).padStart(4, "0"), words, code };
  });
}

/**
 * The keyfile of the master again, from words as typed or codes as scanned. Repository and suite are those of any object in the store; a
 * scanned code holds them too. Throws Mistyped with every share that has a mistake, TooFew, BadKeyfile.
 * @param {string[]} typed @param {{repository?: Uint8Array, suite?: number}} [where]
 */
export async function combine(typed, { repository, suite = AES } = {}) {
  const scanned = typed.map((text) => CODE.exec(text.toUpperCase()));
  const shares = read(typed.map((text, place) => scanned[place]?.[4] ?? text));
  const codes = scanned.filter(Boolean).map(([, kind, id, control]) => ({ kind: Number(kind), id: id.toLowerCase(), control }));
  const places = new Set([...codes.map(({ kind, id }) => `${kind} ${id}`)]);
  const ids = new Set([...codes.map(({ id }) => id), ...(repository ? [hex(repository)] : [])]);
  if (places.size > 1 || ids.size > 1) throw new BadKeyfile("the shares are of another repository");
  if (!ids.size) throw new BadKeyfile("the words don't say of which repository they are: give its id");
  checkSet(shares);
  const seed = slip39.combine([...shares.values()]);
  if (!seed) throw new BadKeyfile("the shares don't fit together");
  const key = master(seed, unhex([...ids][0]), codes[0]?.kind ?? suite);
  const control = (await controlOf(key)).replace("-", "");
  if (codes.some((code) => code.control !== control))
    throw new BadKeyfile("the shares make a key, but not the one whose control code is on them");
  return dump(key);
}

/** The shares by their place in what was typed. */
function read(rows) {
  const shares = new Map();
  const faults = new Map();
  for (const [at, row] of rows.entries()) {
    const words = row.match(/\p{L}+/gu) ?? [];
    const numbers = words.map(slip39.number);
    const unknown = numbers.flatMap((number, place) => (number === undefined ? [place + 1] : []));
    const place = at + 1;
    if (unknown.length) faults.set(place, `no word of the list in place ${unknown.join(", ")}`);
    else if (numbers.length !== WORDS) faults.set(place, `has ${numbers.length} words where ${WORDS} are due`);
    else {
      const share = slip39.read(numbers);
      const wrong = typeof share === "string" ? slip39.wrongPlace(numbers) : null;
      if (typeof share !== "string") shares.set(place, share);
      else faults.set(place, wrong === null ? share : `word ${wrong + 1} is wrong`);
    }
  }
  if (faults.size) throw new Mistyped(faults, "share");
  return shares;
}

function checkSet(shares) {
  const splits = grouped(shares);
  if (splits.size > 1) {
    const [usual] = [...splits.values()].sort((one, other) => other.length - one.length);
    const odd = [...shares.keys()].filter((place) => !usual.some(([kept]) => kept === place));
    throw new BadKeyfile(`share ${odd.join(", ")} is of another split than the others`);
  }
  const needed = [...shares.values()][0]?.threshold ?? 2;
  const there = new Set([...shares.values()].map(({ index }) => index)).size;
  if (there < needed) throw new TooFew(there, needed);
}

const sameOf = ({ identifier, threshold, value }) => `${identifier} ${threshold} ${value.length}`;

function grouped(shares) {
  const groups = new Map();
  for (const [place, share] of shares) groups.set(sameOf(share), [...(groups.get(sameOf(share)) ?? []), [place, share]]);
  return groups;
}

const controlOf = async (key) => controlCode(toBinary(await dump(key)));
