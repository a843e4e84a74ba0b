// Names are bytes. As text they are UTF-8; other bytes become lone surrogates, as Python's surrogateescape does, and come back whole.
const ESCAPES = 0xdc00;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** @param {Uint8Array} name */
export function toText(name) {
  try {
    return strict.decode(name);
  } catch {
    return piecewise(name);
  }
}

/** The other way round. @param {string} text */
export function toBytes(text) {
  const bytes = [];
  for (const sign of text) {
    const code = sign.codePointAt(0);
    if (code > ESCAPES + 0x7f && code <= ESCAPES + 0xff) bytes.push(code - ESCAPES);
    else bytes.push(...encoder.encode(sign));
  }
  return Uint8Array.from(bytes);
}

/** Runs of UTF-8, and each byte between them by itself. */
function piecewise(name) {
  let text = "";
  for (let at = 0; at < name.length; ) {
    const size = [1, 2, 3, 4].find((width) => isSign(name.subarray(at, at + width), width));
    text += size ? strict.decode(name.subarray(at, at + size)) : String.fromCharCode(ESCAPES + name[at]);
    at += size ?? 1;
  }
  return text;
}

function isSign(bytes, width) {
  const lead = bytes[0];
  if (bytes.length !== width || (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4) !== width) return false;
  try {
    return strict.decode(bytes).length > 0;
  } catch {
    return false;
  }
}
