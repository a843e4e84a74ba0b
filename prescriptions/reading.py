"""Read a file that somebody sent, in the sandbox: its text with the place of each word, and its pages as images."""

from __future__ import annotations

import json
from typing import IO

from django.utils.translation import gettext_lazy as _

from core.files import sandbox, taking
from prescriptions.engine import pages
from prescriptions.engine.scans.page import Scan

WORDS = {**taking.WORDS, "no_text": _("This file has no text that can be read here.")}


def read_in_box(file: IO[bytes]) -> Scan:
    """What is written in the file. Raises Rejected, in words."""
    with sandbox.run("prescriptions.engine.text_layer:read", file, words=WORDS) as result, result.open() as written:
        kept = json.load(written)
    return pages.unpack(kept["text"], kept["pages"])


def image_in_box(file: IO[bytes], page: int) -> bytes:
    """Page `page` (from 1) as PNG. Raises Rejected."""
    with (
        sandbox.run("prescriptions.engine.text_layer:image", file, {"page": page}, words=WORDS) as result,
        result.open() as written,
    ):
        return bytes(written.read())
