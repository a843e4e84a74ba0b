// Small letters and capitals, the same on the server and in every browser. The twin of ecrf/engine/letters.py, which says
// why the letters below are left as they are.

const NEWER =
  /([\u019b\u0264\u1c89\u1c8a\ua7cb-\ua7cf\ua7d2-\ua7d5\ua7da-\ua7dc\u{10d50}-\u{10d65}\u{10d70}-\u{10d85}\u{16ea0}-\u{16eb8}\u{16ebb}-\u{16ed3}]+)/u;

const parts = (text, change) =>
  text
    .split(NEWER)
    .map((part, number) => (number % 2 ? part : change(part)))
    .join("");

export const lower = (text) => parts(text, (part) => part.toLowerCase());
export const upper = (text) => parts(text, (part) => part.toUpperCase());
