// Names for pieces of work, made without a server: they sort by the moment at which they were made.
const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
let last = 0;

export function ulid() {
  last = Math.max(Date.now(), last + 1); // two in one millisecond keep their order
  let time = "";
  for (let left = last, place = 0; place < 10; place += 1, left = Math.floor(left / 32)) time = SIGNS[left % 32] + time;
  return time + Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => SIGNS[byte % 32]).join("");
}
