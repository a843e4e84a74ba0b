"""BLAKE3 as its paper defines it (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020): slow and short."""

from __future__ import annotations

from struct import pack, unpack

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
MIXED = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)
START, END, PARENT, ROOT, KEYED = 1, 2, 4, 8, 16
CHUNK, BLOCK, MASK = 1024, 64, 0xFFFFFFFF


def compress(chain: tuple[int, ...], block: bytes, counter: int, length: int, flags: int) -> tuple[int, ...]:
    """The compression function, section 2.2: eight words."""
    state = [*chain, *IV[:4], counter & MASK, counter >> 32, length, flags]
    words = unpack("<16I", block.ljust(BLOCK, b"\0"))
    for _ in range(7):
        for at, (a, b, c, d) in enumerate(MIXED):
            for word, first, second in ((words[2 * at], 16, 12), (words[2 * at + 1], 8, 7)):
                state[a] = state[a] + state[b] + word & MASK
                state[d] = turned(state[d] ^ state[a], first)
                state[c] = state[c] + state[d] & MASK
                state[b] = turned(state[b] ^ state[c], second)
        words = tuple(words[at] for at in PERMUTATION)
    return tuple(state[at] ^ state[at + 8] for at in range(8))


def turned(word: int, bits: int) -> int:
    return word >> bits | word << 32 - bits & MASK


def chunk(key: tuple[int, ...], data: bytes, counter: int, flags: int, last: int) -> tuple[int, ...]:
    """The chaining value of up to 1024 bytes, section 2.4."""
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)] or [b""]
    chain = key
    for at, block in enumerate(blocks):
        edge = (START if at == 0 else 0) | (END | last if at == len(blocks) - 1 else 0)
        chain = compress(chain, block, counter, len(block), flags | edge)
    return chain


def tree(key: tuple[int, ...], data: bytes, counter: int, flags: int, last: int) -> tuple[int, ...]:
    """The chaining value of a subtree, section 2.1: left is the largest power of two of chunks that leaves some."""
    if len(data) <= CHUNK:
        return chunk(key, data, counter, flags, last)
    left = CHUNK << ((len(data) - 1) // CHUNK).bit_length() - 1
    sides = tree(key, data[:left], counter, flags, 0), tree(key, data[left:], counter + left // CHUNK, flags, 0)
    return compress(key, pack("<16I", *sides[0], *sides[1]), 0, BLOCK, flags | PARENT | last)


def blake3(data: bytes, key: bytes | None = None) -> bytes:
    """32 bytes of hash, or of keyed hash."""
    words, flags = (IV, 0) if key is None else (unpack("<8I", key), KEYED)
    return pack("<8I", *tree(words, data, 0, flags, ROOT))
