"""Encrypted files in chunks: written as a stream, read from anywhere, opened into memory. No Django here."""

from __future__ import annotations

from core.files.engine.decryption import Decrypter
from core.files.engine.encryption import Encrypter
from core.files.engine.format import CHUNK_BITS, KEY_BYTES, Damaged, clear_size, stored_size
from core.files.engine.memory import Memory, in_memory

__all__ = [
    "CHUNK_BITS",
    "KEY_BYTES",
    "Damaged",
    "Decrypter",
    "Encrypter",
    "Memory",
    "clear_size",
    "in_memory",
    "stored_size",
]
