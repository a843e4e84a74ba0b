"""Which formats there are, how they are told apart, and what goes from one to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecrf.engine import exchange
from ecrf.engine.exchange.formats import FORMATS
from ecrf.engine.faults import Refused

DATA = Path(__file__).parents[2] / "data"
DICTIONARY = (DATA / "visit.csv").read_bytes()


def test_every_format_is_there() -> None:
    """The formats whose code is missing: none."""
    assert exchange.missing() == []


def test_the_names_of_formats() -> None:
    """Others rely on these names."""
    names = {
        "native",
        "redcap-dictionary",
        "redcap-xml",
        "xlsform",
        "odm-1.3.2",
        "odm-2.0",
        "fhir-questionnaire",
        "goupile",
    }
    assert names <= FORMATS.keys()


ODM = b'<?xml version="1.0"?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v%s" ODMVersion="%s">'


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (DICTIONARY, "", "redcap-dictionary"),
        (b"field_name,form_name,field_type,field_label,branching_logic\n", "", "redcap-dictionary"),
        (b'"survey",,\n,"type","name"\n', "", "xlsform"),
        (b"| survey |\n| | type |\n", "", "xlsform"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "xlsform"),
        (ODM % (b"1.3", b"1.3.2"), "", "odm-1.3.2"),
        (ODM % (b"2.0", b"2.0"), "", "odm-2.0"),
        (b'<ODM xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1">', "", "redcap-xml"),
        (b'{"resourceType": "Questionnaire"}', "", "fhir-questionnaire"),
        (b'{"format": 1, "pages": []}', "", "native"),
        (b"title: T\npages: {}\n", "", "native-text"),
        (b"a: 1\n", "form.yaml", "native-text"),
        (b'app.form("a", "A", () => form.text("x", "X"))', "", "goupile"),
        (b"let a = 1", "main.js", "goupile"),
        (b"PK\x03\x04broken", "", None),
        (b"a,b,c\n1,2,3\n", "data.csv", None),
        (b"<html>", "x.yaml", None),
        (b"\0\1\2", "form.yaml", None),
        (b"", "", None),
    ],
)  # fmt: skip
def test_formats_are_told_apart(content: bytes, name: str, expected: str | None) -> None:
    """A format is known by what is in the file; the name decides only where that leaves a doubt."""
    assert exchange.detect(content, name) == expected


@pytest.mark.parametrize("to", ["native", "native-text", "xlsform", "fhir-questionnaire", "odm-1.3.2", "odm-2.0"])
@pytest.mark.parametrize("name", ["visit.csv", "household.md", "questionnaire.json"])
def test_from_each_to_each(name: str, to: str) -> None:
    """A form goes to every format and comes back with the same questions; what was lost on the way is told."""
    content = next(DATA.rglob(name)).read_bytes()
    done = exchange.convert(content, to, filename=name)
    again = exchange.read(done.content, source=to).definition
    assert [*again.items] == [*done.definition.items]
    assert done.source == exchange.detect(content, name)


def test_losses_have_places() -> None:
    """What a format can't say is told by its place in the definition and its name."""
    done = exchange.convert(DICTIONARY, "xlsform")
    told = [(loss.place, loss.params["property"]) for loss in done.losses if loss.code == "not_in_format"]
    assert ("pages.0.groups.0.items.0.calc", "calc") in told


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"", {}, "file_empty"),
        (b"hello", {}, "format_not_told"),
        (b"hello", {"source": "docx"}, "format_unknown"),
        (b"x" * (exchange.MAX_BYTES + 1), {}, "file_too_large"),
    ],
)
def test_files_that_cannot_be_read(content: bytes, options: dict[str, str], code: str) -> None:
    """Nothing, something unknown and something too large are refused."""
    with pytest.raises(Refused) as refused:
        exchange.read(content, **options)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_form_without_a_title_has_that_of_its_file() -> None:
    """A format without titles takes the name of the file."""
    assert exchange.read(DICTIONARY, filename="dir/visit.csv").definition.data["title"] == {"en": "visit"}
