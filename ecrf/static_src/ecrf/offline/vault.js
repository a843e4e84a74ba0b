// What is kept on the device is sealed (AES-GCM) under a random key of the device, and that key under one made from the
// offline code (PBKDF2, SHA-256). Only the page that was given the code holds the key, and no script can read it out.
const ROUNDS = 800_000;
const SHORTEST = 12;
const bytes = (length) => crypto.getRandomValues(new Uint8Array(length));
const encoded = (text) => new TextEncoder().encode(text);

/** What is wrong with an offline code, in words; empty where it is strong enough. */
export function weakness(code) {
  if ([...code].length < SHORTEST) return interpolate(gettext("Use at least %s characters: a few words are easy to keep in mind."), [SHORTEST]);
  if (new Set(code.toLowerCase()).size < 6) return gettext("Too few different characters: take a few words.");
  if (/^\d+$/.test(code) && code.length < 18) return gettext("Digits only are guessed too fast: take a few words.");
  if (/0123|1234|2345|3456|4567|5678|6789|abcd|azerty|qwerty|password|motdepasse/i.test(code)) return gettext("This is among the first to be tried: take a few words.");
  return "";
}

async function wrapper(code, salt, rounds, uses) {
  const material = await crypto.subtle.importKey("raw", encoded(code.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, material, { name: "AES-GCM", length: 256 }, false, uses);
}

/** A new key of the device: {row, key}. The row is what is stored. */
export async function make(code) {
  const row = { salt: bytes(16), iv: bytes(12), rounds: ROUNDS };
  const device = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  row.wrapped = await crypto.subtle.wrapKey("raw", device, await wrapper(code, row.salt, row.rounds, ["wrapKey"]), { name: "AES-GCM", iv: row.iv });
  return { row, key: await open(row, code) };
}

/** The key of the device, or null where the code is another. */
export async function open(row, code) {
  const outer = await wrapper(code, row.salt, row.rounds, ["unwrapKey"]);
  try {
    return await crypto.subtle.unwrapKey("raw", row.wrapped, outer, { name: "AES-GCM", iv: row.iv }, { name: "AES-GCM" }, false, ["encrypt", "decrypt"]);
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "OperationError") return null;
    throw fault;
  }
}

/** Seal a value for a place: it opens nowhere else. */
export async function seal(key, value, place) {
  const iv = bytes(12);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoded(place) }, key, encoded(JSON.stringify(value)));
  return { iv, data };
}

export async function unseal(key, { iv, data }, place) {
  const clear = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: encoded(place) }, key, data);
  return JSON.parse(new TextDecoder().decode(clear));
}

const FORMAT = "suite-ecrf-rescue-1";
const base64 = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/** The text of a rescue file, sealed under the code. */
export async function rescue(value, code) {
  const salt = bytes(16);
  const key = await wrapper(code, salt, ROUNDS, ["encrypt"]);
  const { iv, data } = await seal(key, value, FORMAT);
  return JSON.stringify({ format: FORMAT, rounds: ROUNDS, salt: base64(salt), iv: base64(iv), data: base64(data) });
}

/** What a rescue file holds. Throws a SyntaxError for another file, and gives null where the code is another. */
export async function rescued(text, code) {
  const file = JSON.parse(text);
  if (file?.format !== FORMAT || !(file.rounds >= 600_000 && file.rounds <= 10_000_000)) throw new SyntaxError("no rescue file");
  const key = await wrapper(code, unbase64(file.salt), file.rounds, ["decrypt"]);
  try {
    return await unseal(key, { iv: unbase64(file.iv), data: unbase64(file.data) }, FORMAT);
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "OperationError") return null;
    throw fault;
  }
}
