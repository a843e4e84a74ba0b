"""Read a file that somebody sent, in the sandbox: its text with the place of each word, and its pages as images."""

from __future__ import annotations

import json
from typing import IO

from django.utils.translation import gettext_lazy as _

from core.files import sandbox
from prescriptions.engine.scans import packing
from prescriptions.engine.scans.page import Scan

LIMITS = sandbox.Limits(seconds=600, cpu_seconds=600, memory_bytes=8 << 30, source_bytes=50 << 20, threads=64)
"""The models of the reader of images take much address space, and a page some seconds; a file has thirty pages."""
WORDS = {
    "unknown_kind": _("This is no PDF, PNG, JPEG, TIFF, WebP or HEIC file."),
    "encrypted": _("This PDF is protected by a password: save it without one, then send it again."),
    "damaged": _("This file is damaged: scan or save it again."),
    "too_large": _("This file is larger than 50 MB: scan it in a lower resolution."),
    "too_many_pages": _("This file has %(pages)s pages; the most is %(most)s. Send it in parts."),
    "page_too_large": _("Page %(page)s is too large: scan it in a lower resolution, 300 dpi is enough."),
    "no_text": _("No text was found in this file. Is the page upright and sharp?"),
    "no_page": _("This file has no page %(page)s."),
}
"""Why a file isn't read, and what to do."""


def read_in_box(file: IO[bytes]) -> Scan:
    """What is written in the file. Raises Rejected, in words."""
    boxed = sandbox.run("prescriptions.engine.scans.boxed:read", file, limits=LIMITS, words=WORDS)
    with boxed as result, result.open() as written:
        kept = json.load(written)
    return packing.unpack(kept["text"], kept["pages"])


def image_in_box(file: IO[bytes], page: int) -> bytes:
    """Page `page` (from 1) as PNG. Raises Rejected."""
    boxed = sandbox.run("prescriptions.engine.scans.boxed:image", file, {"page": page}, LIMITS, WORDS)
    with boxed as result, result.open() as written:
        return bytes(written.read())
