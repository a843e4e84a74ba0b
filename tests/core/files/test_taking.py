"""A file is taken only if it is what it is said to be; what was made to deceive or to do harm is refused in words."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from PIL import Image

from core.files import taking
from core.files.engine import archives
from core.files.taking import Kind, Rejected
from core.files.unreadable import Unreadable

ALL = tuple(Kind)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture(form: str = "PNG", size: tuple[int, int] = (8, 6), **options: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(made, form, **options)
    return made.getvalue()


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def workbook(*more: tuple[str, bytes]) -> bytes:
    return zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"), *more)


def check(content: bytes, name: str, *kinds: Kind) -> Kind:
    return taking.check(io.BytesIO(content), name, kinds or ALL)


def refusal(content: bytes, name: str, *kinds: Kind) -> str:
    with pytest.raises(Rejected) as refused:
        check(content, name, *kinds)
    assert "%(" not in str(refused.value.message)
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"nom;\xe2ge\nLe Gall;71\n", "a.csv", Kind.TEXT),
        ("nom;âge\n".encode("utf-16"), "a.csv", Kind.TEXT),
        ("nom;age\n".encode("utf-16-le"), "a.csv", Kind.TEXT),
        (b"[note];age\n", "a.csv", Kind.TEXT),
        (b'{"a": [1, 2]}', "a.json", Kind.JSON),
        (b'{"a": 1}\n{"a": 2}\n', "a.jsonl", Kind.JSON),
        (b"<?xml version='1.0'?><a><b/></a>", "a.xml", Kind.XML),
        (workbook(), "a.xlsx", Kind.XLSX),
        (b"PAR1" + bytes(9) + b"PAR1", "a.parquet", Kind.PARQUET),
        (b"$FL2@(#) SPSS DATA FILE", "a.sav", Kind.SPSS),
        (b"<stata_dta><header>", "a.dta", Kind.STATA),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "a.xpt", Kind.SAS),
        (PDF, "a.pdf", Kind.PDF),
        (picture(), "a.PNG", Kind.PNG),
        (picture("JPEG"), "a.jpg", Kind.JPEG),
        (picture("TIFF"), "a.tif", Kind.TIFF),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic", Kind.HEIC),
        (zipped(("a/b.txt", b"x")), "a.zip", Kind.ZIP),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 12 else "",
)
def test_a_file_is_what_its_bytes_say(content, name, kind):
    """Each kind that the suite takes is told by its content, and left at its beginning for whoever reads it."""
    file = io.BytesIO(content)
    assert taking.check(file, name, ALL) is kind
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("content", "name", "kinds", "code"),
    [
        (b"", "a.csv", (), "empty"),
        (b"\x7fELF\x02\x01\x01\0\0", "a.csv", (), "unknown_kind"),
        (picture(), "a.csv", (Kind.TEXT,), "other_kind"),
        (picture(), "a.jpg", (), "wrong_extension"),
        (b"a;b\n", "a.exe", (), "wrong_extension"),
        (b"a;b\n", "a", (), "wrong_extension"),
        (b"<html><script>alert(1)</script>", "a.xml", (), "two_kinds"),
        (b"#!/bin/sh\nrm -rf /\n", "a.txt", (), "two_kinds"),
        (picture() + zipped(("a", b"x")), "a.png", (), "two_kinds"),
        (b"GIF89a;" + PDF, "a.csv", (), "two_kinds"),
        (picture("JPEG", comment=b"<script>alert(1)</script>"), "a.jpg", (), "two_kinds"),
        (b'{"a": ', "a.json", (), "damaged"),
        (b"[" * 200_000, "a.json", (), "too_deep"),
        (b"<a>" * 100 + b"</a>" * 100, "a.xml", (), "too_deep"),
        (b"<?xml version='1.0'?><a", "a.xml", (), "damaged"),
        (workbook(("xl/vbaProject.bin", b"x")), "a.xlsx", (), "macros"),
        (workbook()[:-30], "a.xlsx", (), "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_something_else_is_refused(content, name, kinds, code):
    """A wrong name, a wrong kind, two kinds at once, damage, macros: each is refused with its own sentence."""
    assert refusal(content, name, *kinds) == code


@pytest.mark.parametrize(
    "inside",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
    ],
    ids=["entity", "file", "laughs", "address"],
)
def test_xml_declares_no_entities(inside):
    """Entities, files and addresses in XML are refused, in a workbook as well."""
    assert refusal(b"<?xml version='1.0'?>" + inside, "a.xml") == "entities"


def test_a_workbook_hides_no_entities():
    """The parts of a workbook are XML too."""
    content = zipped(("[Content_Types].xml", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>"), ("xl/workbook.xml", b"<a/>"))
    assert refusal(content, "a.xlsx") == "entities"


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    return info


def overlapping() -> bytes:
    """Two entries that are the same bytes: the bomb that needs no nesting."""
    content = bytearray(zipped(("a", b"x" * 100), ("b", b"x" * 100)))
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(content)


def lying() -> bytes:
    """Says that it unfolds to one byte; it is 64 MiB."""
    honest = zipped(("a", bytes(64 << 20)))
    return honest.replace(struct.pack("<I", 64 << 20), struct.pack("<I", 1))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped(("bomb", bytes(64 << 20))), "bomb"),
        (zipped(("inner.zip", zipped(("bomb", bytes(1 << 20))))), "nested"),
        (zipped(("../../etc/cron.d/evil", b"x")), "bad_name"),
        (zipped(("/etc/passwd", b"x")), "bad_name"),
        (zipped(("C:\\evil", b"x")), "bad_name"),
        (zipped(("/".join("a" * 40), b"x")), "bad_name"),
        (zipped((link(), b"/etc/passwd")), "link"),
        (zipped(("A", b"x"), ("a", b"y")), "twice"),
        (zipped(*((str(number), b"") for number in range(10_001))), "too_many_entries"),
        (overlapping(), "bomb"),
        (lying(), "damaged"),
        (zipped(("a", b"x"))[:-10], "damaged"),
    ],
    ids=["bomb", "nested", "above", "absolute", "drive", "deep", "link", "twice", "many", "overlap", "lying", "cut"],
)
def test_an_archive_that_does_harm_is_refused(content, code):
    """Bombs, names that lead out, links, doubles: the archive is refused whole, before anything of it is kept."""
    assert refusal(content, "a.zip") == code


@pytest.mark.parametrize(
    ("bound", "code"), [({"entries": 1}, "too_many_entries"), ({"ratio": 2}, "bomb"), ({"depth": 1}, "bad_name")]
)
def test_bounds_count_for_a_list_and_for_one_file(bound, code):
    """Who sets narrower bounds has them kept, whether the files are listed or one of them is had."""
    content = io.BytesIO(zipped(("folder/zeros", bytes(3 << 20)), ("b", b"x")))
    with pytest.raises(Unreadable) as refused:
        archives.listing(content, io.BytesIO(), **{"ratio": 10_000, **bound})
    assert refused.value.code == code
    with pytest.raises(Unreadable) as refused:
        archives.extract(content, io.BytesIO(), names=["folder/zeros"], size=4 << 20, **{"ratio": 10_000, **bound})
    assert refused.value.code == code


def test_an_archive_is_listed_and_opened():
    """Its files are listed with their true sizes, and had by their names; never more than is allowed."""
    content = zipped(("a/notes.txt", b"hello"), ("b.csv", b"1;2\n"))
    with taking.archive(io.BytesIO(content)) as found, found.open() as lines:
        assert [json.loads(line) for line in lines] == [
            {"name": "a/notes.txt", "size": 5},
            {"name": "b.csv", "size": 4},
        ]
    assert taking.members(io.BytesIO(content), ["b.csv", "a/notes.txt"], 100) == [b"1;2\n", b"hello"]
    for name, size, code in (("b.csv", 2, "too_much_inside"), ("c", 100, "not_inside")):
        with pytest.raises(Rejected) as refused:
            taking.members(io.BytesIO(content), [name], size)
        assert refused.value.code == code


@pytest.mark.parametrize("sizes", [None, [4], [9, 0], [-1, 10], [True, 8], ["5", "4"], [5, 4, 0]])
def test_sizes_that_a_sandbox_makes_up_are_refused(monkeypatch, sizes):
    """What comes out of the sandbox is cut into files only where its sizes add up, one for each name."""

    @contextmanager
    def lying(*_args, **_more):
        yield SimpleNamespace(value=sizes, size=9, open=lambda: io.BytesIO(b"hello1;2\n"))

    monkeypatch.setattr(taking.sandbox, "run", lying)
    with pytest.raises(Rejected):
        taking.members(io.BytesIO(b""), ["a", "b"], 8)


def test_an_image_is_made_anew():
    """Pixels are all that is kept: no metadata, no place, no words, and upright."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Jeanne Le Gall"
    content = picture("JPEG", exif=exif)
    assert b"Le Gall" in content
    with taking.image(io.BytesIO(content), "a.jpg") as made, made.open() as file:
        clean = file.read()
    assert b"Le Gall" not in clean
    assert made.value == {"format": "JPEG", "width": 6, "height": 8, "pages": 1}
    assert Image.open(io.BytesIO(clean)).getexif() == {}


def bomb() -> bytes:
    """A PNG of a few bytes that says it has ten thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (bomb(), "a.png", "too_many_pixels"),
        (picture("PNG", (90, 90))[:45], "a.png", "damaged"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic", "no_heic"),
    ],
    ids=["bomb", "cut", "heic"],
)
def test_an_image_that_does_harm_is_refused(content, name, code):
    """An image bomb is refused by what it announces, before a pixel is unpacked; so is a damaged one."""
    with pytest.raises(Rejected) as refused, taking.image(io.BytesIO(content), name):
        pass
    assert refused.value.code == code
