// Names that every system can write, and that stay apart where upper and lower case are one.
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
/** What Windows forbids, controls, and signs that turn the direction of what is written. */
const FORBIDDEN = /[<>:"\\|?*/\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}]/gu;
const LONGEST = 240;

/** @param {string} name of one file or directory, as `toText` gives it */
export function safe(name) {
  let kept = name.replace(FORBIDDEN, (sign) => (sign >= "\udc80" && sign <= "\udcff" ? `%${(sign.charCodeAt(0) - 0xdc00).toString(16)}` : "_"));
  kept = kept.replace(/[. ]+$/, (end) => "_".repeat(end.length));
  if (DEVICES.test(kept)) kept = `_${kept}`;
  return shortened(kept) || "_";
}

const encoder = new TextEncoder();

/** By its bytes, with its ending kept. */
function shortened(name, suffix = "") {
  if (3 * (name.length + suffix.length) <= LONGEST && !suffix) return name;
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : "";
  const room = new Uint8Array(LONGEST - encoder.encode(suffix + ending).length);
  const { read } = encoder.encodeInto(name.slice(0, name.length - ending.length), room);
  return name.slice(0, read) + suffix + ending;
}

/** The names of one directory of the archive. */
export class Names {
  #taken = new Map();

  /** A safe name that nothing else of this directory has. @param {string} name */
  add(name) {
    const wished = safe(name);
    let given = wished;
    // Counting goes on where it stopped for this name: many alike cost no more than many others.
    let number = this.#taken.get(plain(wished)) ?? 1;
    while (this.#taken.has(plain(given))) given = shortened(wished, ` (${(number += 1)})`);
    this.#taken.set(plain(wished), number);
    this.#taken.set(plain(given), Math.max(number, 1));
    return given;
  }
}

const plain = (name) => name.normalize("NFKC").toLowerCase();

/**
 * Whether a link at this path of the archive leads out of it, or may: a step up from what could be another link leads nobody knows where.
 * @param {string} path @param {string} target
 */
export function leadsOut(path, target) {
  if (/^[/\\]|^[a-z]:|\\/i.test(target)) return true;
  const parts = target.split("/").filter((part) => part && part !== ".");
  const down = parts.findIndex((part) => part !== "..");
  const ups = down < 0 ? parts.length : down;
  return parts.lastIndexOf("..") >= ups || ups > path.split("/").length - 1;
}
