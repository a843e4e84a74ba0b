"""From a file to its text with the place of each word: a PDF's text layer where it has one, else readers of images.

>>> from prescriptions.engine.scans import read_file  # doctest: +SKIP
>>> read_file(Path("ordonnance.pdf").read_bytes()).text  # doctest: +SKIP
"""

from __future__ import annotations

from prescriptions.engine.scans.page import Box, Page, Scan, Word
from prescriptions.engine.scans.reading import page_image, read_file
from prescriptions.engine.scans.refusing import Limits, Refused

__all__ = ["Box", "Limits", "Page", "Refused", "Scan", "Word", "page_image", "read_file"]
