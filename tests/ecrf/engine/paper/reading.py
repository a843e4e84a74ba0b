"""PDFs as people and machines find them."""

from __future__ import annotations

import re

import pypdfium2


def text_of(content: bytes) -> str:
    """All its words, in their order, each blank a space."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return re.sub(r"\s+", " ", "\n".join(pages).replace("\u00ad", ""))


def pages_of(content: bytes) -> int:
    return len(pypdfium2.PdfDocument(content))


def is_archivable(content: bytes) -> bool:
    """Whether it says that it is PDF/A and PDF/UA, and is tagged."""
    return all(mark in content for mark in (b"pdfaid:part>2<", b"pdfuaid:part>1<", b"/StructTreeRoot"))
