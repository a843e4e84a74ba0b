// The compression function of BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs, section 2.2). It is written out because
// the libraries' loops hash 60 MB/s where this hashes 400: every byte of a restore is hashed twice.

/** IV, which is also the key of what isn't keyed. */
export const IV = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);

/**
 * Eight words into `out` (which may be `chaining` itself) from sixteen words of `words` at `at`.
 * @param {Int32Array} chaining @param {Int32Array} words @param {number} at @param {number} low of the counter
 * @param {number} high of the counter @param {number} length of the block in bytes @param {number} flags
 * @param {Int32Array} out
 */
export function compress(chaining, words, at, low, high, length, flags, out) {
  let m0 = words[at], m1 = words[at + 1], m2 = words[at + 2], m3 = words[at + 3];
  let m4 = words[at + 4], m5 = words[at + 5], m6 = words[at + 6], m7 = words[at + 7];
  let m8 = words[at + 8], m9 = words[at + 9], ma = words[at + 10], mb = words[at + 11];
  let mc = words[at + 12], md = words[at + 13], me = words[at + 14], mf = words[at + 15];
  let v0 = chaining[0], v1 = chaining[1], v2 = chaining[2], v3 = chaining[3];
  let v4 = chaining[4], v5 = chaining[5], v6 = chaining[6], v7 = chaining[7];
  let v8 = 0x6a09e667, v9 = 0xbb67ae85 | 0, va = 0x3c6ef372, vb = 0xa54ff53a | 0;
  let vc = low | 0, vd = high | 0, ve = length | 0, vf = flags | 0;
  for (let round = 0; ; round++) {
    v0 = (v0 + v4 + m0) | 0; vc ^= v0; vc = (vc >>> 16) | (vc << 16); v8 = (v8 + vc) | 0; v4 ^= v8; v4 = (v4 >>> 12) | (v4 << 20);
    v0 = (v0 + v4 + m1) | 0; vc ^= v0; vc = (vc >>> 8) | (vc << 24); v8 = (v8 + vc) | 0; v4 ^= v8; v4 = (v4 >>> 7) | (v4 << 25);
    v1 = (v1 + v5 + m2) | 0; vd ^= v1; vd = (vd >>> 16) | (vd << 16); v9 = (v9 + vd) | 0; v5 ^= v9; v5 = (v5 >>> 12) | (v5 << 20);
    v1 = (v1 + v5 + m3) | 0; vd ^= v1; vd = (vd >>> 8) | (vd << 24); v9 = (v9 + vd) | 0; v5 ^= v9; v5 = (v5 >>> 7) | (v5 << 25);
    v2 = (v2 + v6 + m4) | 0; ve ^= v2; ve = (ve >>> 16) | (ve << 16); va = (va + ve) | 0; v6 ^= va; v6 = (v6 >>> 12) | (v6 << 20);
    v2 = (v2 + v6 + m5) | 0; ve ^= v2; ve = (ve >>> 8) | (ve << 24); va = (va + ve) | 0; v6 ^= va; v6 = (v6 >>> 7) | (v6 << 25);
    v3 = (v3 + v7 + m6) | 0; vf ^= v3; vf = (vf >>> 16) | (vf << 16); vb = (vb + vf) | 0; v7 ^= vb; v7 = (v7 >>> 12) | (v7 << 20);
    v3 = (v3 + v7 + m7) | 0; vf ^= v3; vf = (vf >>> 8) | (vf << 24); vb = (vb + vf) | 0; v7 ^= vb; v7 = (v7 >>> 7) | (v7 << 25);
    v0 = (v0 + v5 + m8) | 0; vf ^= v0; vf = (vf >>> 16) | (vf << 16); va = (va + vf) | 0; v5 ^= va; v5 = (v5 >>> 12) | (v5 << 20);
    v0 = (v0 + v5 + m9) | 0; vf ^= v0; vf = (vf >>> 8) | (vf << 24); va = (va + vf) | 0; v5 ^= va; v5 = (v5 >>> 7) | (v5 << 25);
    v1 = (v1 + v6 + ma) | 0; vc ^= v1; vc = (vc >>> 16) | (vc << 16); vb = (vb + vc) | 0; v6 ^= vb; v6 = (v6 >>> 12) | (v6 << 20);
    v1 = (v1 + v6 + mb) | 0; vc ^= v1; vc = (vc >>> 8) | (vc << 24); vb = (vb + vc) | 0; v6 ^= vb; v6 = (v6 >>> 7) | (v6 << 25);
    v2 = (v2 + v7 + mc) | 0; vd ^= v2; vd = (vd >>> 16) | (vd << 16); v8 = (v8 + vd) | 0; v7 ^= v8; v7 = (v7 >>> 12) | (v7 << 20);
    v2 = (v2 + v7 + md) | 0; vd ^= v2; vd = (vd >>> 8) | (vd << 24); v8 = (v8 + vd) | 0; v7 ^= v8; v7 = (v7 >>> 7) | (v7 << 25);
    v3 = (v3 + v4 + me) | 0; ve ^= v3; ve = (ve >>> 16) | (ve << 16); v9 = (v9 + ve) | 0; v4 ^= v9; v4 = (v4 >>> 12) | (v4 << 20);
    v3 = (v3 + v4 + mf) | 0; ve ^= v3; ve = (ve >>> 8) | (ve << 24); v9 = (v9 + ve) | 0; v4 ^= v9; v4 = (v4 >>> 7) | (v4 << 25);
    if (round === 6) break;
    // The words of the next round: 2 6 3 10 7 0 4 13 1 11 12 5 9 14 15 8.
    const t0 = m0, t1 = m1;
    m0 = m2; m2 = m3; m3 = ma; ma = mc; mc = m9; m9 = mb; mb = m5; m5 = t0;
    m1 = m6; m6 = m4; m4 = m7; m7 = md; md = me; me = mf; mf = m8; m8 = t1;
  }
  out[0] = v0 ^ v8; out[1] = v1 ^ v9; out[2] = v2 ^ va; out[3] = v3 ^ vb;
  out[4] = v4 ^ vc; out[5] = v5 ^ vd; out[6] = v6 ^ ve; out[7] = v7 ^ vf;
}
