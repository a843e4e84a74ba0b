"""Take a file only if it is what it is said to be: by its bytes, by its name, and by what is inside."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from core.files import sandbox
from core.files.engine.kinds import EDGE, EXTENSIONS, Kind, NotOne, kind_of
from core.files.sandbox import Limits, Rejected

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

__all__ = ["Kind", "Rejected", "Takes", "archive", "check", "image", "members"]

NAMES: dict[Kind, _StrPromise | str] = {
    Kind.TEXT: _("CSV or text"),
    Kind.JSON: "JSON",
    Kind.XML: "XML",
    Kind.XLSX: "Excel (.xlsx)",
    Kind.PARQUET: "Parquet",
    Kind.SAS: "SAS",
    Kind.SPSS: "SPSS",
    Kind.STATA: "Stata",
    Kind.PDF: "PDF",
    Kind.PNG: "PNG",
    Kind.JPEG: "JPEG",
    Kind.TIFF: "TIFF",
    Kind.HEIC: "HEIC",
    Kind.ZIP: _("ZIP archive"),
}
WORDS: dict[str, _StrPromise] = {
    "empty": _("The file is empty."),
    "unknown_kind": _("This isn’t a kind of file that is taken here. Taken are: %(taken)s."),
    "other_kind": _("This is a file of the kind %(found)s, which isn’t taken here. Taken are: %(taken)s."),
    "wrong_extension": _("The name ends in %(extension)s, but the content is %(found)s. Give the file its right name."),
    "two_kinds": _("This file is two kinds of files at once, as only files made to deceive are. It is refused."),
    "damaged": _("This file can’t be read: it is damaged."),
    "too_deep": _("This file holds too many levels, one inside the other."),
    "entities": _("This XML file declares entities or a document type, which are refused because they can do harm."),
    "macros": _("This workbook holds macros. Save it as a workbook without macros (.xlsx), then send it again."),
    "encrypted": _("This file is protected by a password. Remove the password, then send it again."),
    "bomb": _("This archive unfolds to far more than it seems to hold, as only archives made to do harm do."),
    "too_many_entries": _("This archive holds more than %(most)s files."),
    "too_much_inside": _("This archive unfolds to more than is taken here."),
    "bad_name": _("This archive holds a file whose name leads out of its folder or has forbidden characters."),
    "link": _("This archive holds links or devices; only plain files are taken."),
    "twice": _("This archive holds the same name twice."),
    "nested": _("This archive holds another archive. Unpack it, then send the files themselves."),
    "not_inside": _("This archive holds no file of that name."),
    "too_many_pixels": _("This image has more than %(most)s million pixels. Make it smaller, then send it again."),
    "too_many_pages": _("This image has more than %(most)s pages."),
    "no_heic": _("HEIC images can’t be converted here. Save the image as JPEG, then send it again."),
}


def check(file: IO[bytes], name: str, kinds: Collection[Kind]) -> Kind:
    """What the file is, if that is one of `kinds`, its name says so too, and what is inside is harmless.

    The file is left at its beginning. Raises Rejected, in words, with the code of one of the WORDS.
    """
    head, tail = edges(file)
    if not head:
        raise rejected("empty")
    taken = ", ".join(str(NAMES[kind]) for kind in kinds)
    try:
        kind = kind_of(head, tail)
    except NotOne as error:
        raise rejected(error.code, taken=taken) from None
    if kind in (Kind.JSON, Kind.XML) and Kind.TEXT in kinds and is_named(name, Kind.TEXT):
        kind = Kind.TEXT  # a CSV whose first cell begins with a bracket
    if kind not in kinds:
        raise rejected("other_kind", found=NAMES[kind], taken=taken)
    if not is_named(name, kind):
        raise rejected("wrong_extension", extension=extension_of(name) or "—", found=NAMES[kind])
    if kind not in (Kind.TEXT, Kind.PARQUET, Kind.SAS, Kind.SPSS, Kind.STATA, Kind.HEIC):  # their parsers look inside
        with sandbox.run("core.files.engine.inspection:inspect", file, {"kind": kind}, words=WORDS):
            pass
        file.seek(0)
    return kind


class Takes:
    """Checks the file of a form's field, or of a serializer's: ``FileField(validators=[Takes(Kind.TEXT)])``."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds

    def __call__(self, file: File[Any]) -> None:
        try:
            check(file, file.name or "", self.kinds)
        except Rejected as error:
            raise ValidationError(error.message, error.code) from error


@contextmanager
def image(file: IO[bytes], name: str, kinds: Collection[Kind] = (Kind.PNG, Kind.JPEG, Kind.TIFF)) -> Iterator[Any]:
    """The image made anew from its pixels, upright and without metadata, as a sandbox's result. Raises Rejected."""
    if check(file, name, {*kinds, Kind.HEIC}) is Kind.HEIC:
        raise rejected("no_heic")
    with sandbox.run("core.files.engine.images:reencode", file, words=WORDS) as result:
        yield result


@contextmanager
def archive(file: int | IO[bytes], **bounds: int) -> Iterator[Any]:
    """The list of what a ZIP holds (lines of JSON: name, size), all of it unpacked and counted. Raises Rejected."""
    with sandbox.run("core.files.engine.archives:listing", file, bounds, words=WORDS) as result:
        yield result


def members(file: int | IO[bytes], names: Sequence[str], size: int) -> list[bytes]:
    """Some files of a ZIP, each of at most `size` bytes, in one start of the sandbox. Raises Rejected."""
    limits = Limits(result_bytes=len(names) * size + 4096)
    arguments = {"names": list(names), "size": size}
    with (
        sandbox.run("core.files.engine.archives:extract", file, arguments, limits, words=WORDS) as result,
        result.open() as written,
    ):
        sizes = result.value  # a stranger's word
        if not isinstance(sizes, list) or not all(type(each) is int and 0 <= each <= size for each in sizes):
            raise rejected("damaged")
        found = [written.read(each) for each in sizes]
    if [len(each) for each in found] != sizes or len(found) != len(names):
        raise rejected("damaged")
    return found


def edges(file: IO[bytes]) -> tuple[bytes, bytes]:
    """The first and the last bytes. The file is left at its beginning."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - EDGE))
    tail = file.read(EDGE)
    file.seek(0)
    head = file.read(EDGE)
    file.seek(0)
    return head, tail


def extension_of(name: str) -> str:
    return PurePath(name).suffix.lower()[:20]


def is_named(name: str, kind: Kind) -> bool:
    return extension_of(name) in EXTENSIONS[kind]


def rejected(code: str, **details: Any) -> Rejected:
    return Rejected(code, str(WORDS[code]) % details if details else WORDS[code], details)
