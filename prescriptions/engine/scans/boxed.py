"""What runs inside the sandbox: a file that somebody sent comes in, its text or one of its pages goes out."""

from __future__ import annotations

import json
from functools import partial
from typing import BinaryIO

from core.files.unreadable import Unreadable
from prescriptions.engine.medicines.lexicon import Lexicon
from prescriptions.engine.scans.packing import pack
from prescriptions.engine.scans.reading import page_image, read_file
from prescriptions.engine.scans.refusing import Refused
from prescriptions.engine.text import plain
from prescriptions.engine.words import lexicon as words_of


def read(source: BinaryIO, result: BinaryIO) -> None:
    """The scan of the file, as JSON that `packing.unpack` takes."""
    from prescriptions.engine import starter

    try:
        scan = read_file(source.read(), known=partial(is_known, lexicon=starter()))
    except Refused as refused:
        raise Unreadable(refused.code, **refused.details) from None
    result.write(json.dumps({"text": scan.text, "pages": pack(scan)}, ensure_ascii=False).encode())


def image(source: BinaryIO, result: BinaryIO, page: int) -> None:
    """Page `page` (from 1) as PNG."""
    try:
        result.write(page_image(source.read(), page))
    except Refused as refused:
        raise Unreadable(refused.code, **refused.details) from None


def is_known(word: str, lexicon: Lexicon) -> bool:
    """A word of the grammar or of a medicine's name."""
    found = plain(word).strip(".,;:()")
    return found in lexicon.words or words_of.is_word(found)
