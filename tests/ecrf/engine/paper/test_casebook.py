"""What was entered for one subject, on paper."""

from __future__ import annotations

import base64
import io
import time
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from ecrf import engine
from ecrf.engine.exchange.records import Attachment, Change, Record
from ecrf.engine.paper import press
from ecrf.engine.paper.casebook import Asked, Casebook, casebook_pdf
from ecrf.engine.paper.images import drawable, jpeg_size
from tests.ecrf.engine.exchange.studies import study
from tests.ecrf.engine.exchange.test_odm_data import MORNING, records
from tests.ecrf.engine.exports.clinical_books import AT, book, unzipped, written
from tests.ecrf.engine.forms import data, item
from tests.ecrf.engine.paper.reading import is_archivable, pages_of, text_of

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG of one point."""


def casebook(**more: Any) -> Casebook:
    """Of the first subject of the study."""
    own = [record for record in records() if record.subject == "BRO-001"]
    made = Casebook(engine.load(study()), "en", "A study", 7, AT, "BRO-001", "Brest", own)
    return replace(made, **more)


def test_everything_of_a_subject() -> None:
    """Values with labels and units, statuses, comments, rows, states and signatures of every event and copy."""
    made = casebook_pdf(casebook(printed_by="Ann Le Gall"))
    text = text_of(made)
    assert is_archivable(made)
    for said in ("Casebook BRO-001", "Version 7", "Brest", "60.5 kg", "choice 1, choice 2", 'Ann <& co> "é"'):
        assert said in text, said
    for said in ("to be checked", "on <our> scales", "not known", "Lost", "locked", "Row 2", "not answered"):
        assert said in text, said
    for said in ("Signed by u2, 1 Nov. 2026, 12:00", "Week 4 · Events_Page · No. 2", "Rash", "by Ann Le Gall"):
        assert said in text, said
    assert f"Page 1 of {pages_of(made)}" in text
    assert "65.5" not in text


def test_history_and_queries() -> None:
    """Asked for, each change stands there with who, when and why; queries with what was said."""
    asked = Asked("meds[1].dose", "answered", [("Bob", "2026-11-02T10:00:00", "Which dose?")])
    text = text_of(casebook_pdf(casebook(history=True, queries={("inclusion", "", 1): [asked]})))
    assert "1 Nov. 2026, 08:00 u1 weight 65.5 kg" in text
    assert "typing error" in text
    assert "Medications, row 2: dose answered Which dose? Bob, 2 Nov. 2026, 10:00" in text


def test_what_a_reader_may_not_have() -> None:
    """It stands nowhere, not in the history, the queries or what a row calls itself; that it is missing is said."""
    form = study()
    form["pages"][1]["groups"][0]["repeat"]["row_title"] = ["var", "drug"]
    asked = [Asked(place, "open", [("Bob", "", "Who is it?")]) for place in ("name", "meds[0].drug")]
    record = replace(records()[0], audit=[Change("meds", [{"drug": "Secret", "dose": "1"}], "u1", "BRO", MORNING)])
    given = casebook(
        definition=engine.load(form),
        records=[replace(record, values={**record.values, "meds": [{"drug": "Secret", "dose": "1"}]}), *records()[1:3]],
        without=frozenset({"name", "race", "drug"}),
        queries={("inclusion", "", 1): asked},
        history=True,
        identifiers=False,
        left_out=["events_page"],
    )
    text = text_of(casebook_pdf(given))
    for hidden in ("Ann <", "choice 2", "Secret", "Who is it?", "Rash"):
        assert hidden not in text, hidden
    assert "dose: 1 mg" in text
    assert "Questions that tell who the person is are left out." in text
    assert "Left out for its reader: Events_Page." in text


def test_conditions_look_at_the_other_records() -> None:
    """What isn't asked of the subject isn't there, even where the answer that decides it stands at another event."""
    form = study()
    condition = ["=", ["of", "inclusion", "sex"], ["text", "m"]]
    form["pages"][2]["groups"][0]["items"][1]["visible_if"] = condition
    text = text_of(casebook_pdf(casebook(definition=engine.load(form))))
    assert "serious" not in text


def test_nothing_entered_yet() -> None:
    """A subject of whom nothing is known has a casebook that says so."""
    assert "Nothing has been entered" in text_of(casebook_pdf(casebook(records=[])))


def test_signatures_and_drawings_are_shown() -> None:
    """A drawn signature stands where it was given; another kind of file is only named."""
    form = data(item("sign", "file", look="signature"), item("scan", "file"))
    files = {"a": Attachment("a.png", "image/png", DOT), "b": Attachment("b.png", "image/png", b"GIF89a")}
    record = Record("S-1", values={"sign": "a", "scan": "b"}, files=files, pages={"p": "complete"})
    made = casebook_pdf(casebook(definition=engine.load(form), records=[record]))
    assert made.count(b"/Subtype/Image") == 2  # the drawing, and where it is transparent
    assert "file kept with the record" in text_of(made)
    assert is_archivable(made)


def test_images_that_are_not_opened() -> None:
    """Only small images are put on paper: another kind, a broken head or a bomb is not opened."""
    assert drawable(DOT) == "png"
    huge = DOT[:16] + (100_000).to_bytes(4, "big") * 2 + DOT[24:]
    assert [drawable(content) for content in (huge, b"GIF89a", DOT[:20], b"", DOT + b"0" * (2 << 20))] == [""] * 5


def test_photographs_are_opened_by_their_size() -> None:
    """A JPEG says its size behind what a camera wrote before; without one, or too wide, it is not opened."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "JPEG", exif=Image.Exif())
    photo = made.getvalue()
    assert (drawable(photo), jpeg_size(photo)) == ("jpg", (40, 30))
    wide = photo.replace(b"\x00\x1e\x00\x28", b"\x00\x1e\xff\xff", 1)
    assert [drawable(content) for content in (wide, photo[:30], b"\xff\xd8\xff" + b"\xff\xe0\x00\x00" * 999)] == [
        ""
    ] * 3


def test_an_archive_of_casebooks() -> None:
    """The export holds one PDF per subject, named by his number; names that would be the same are told apart."""
    found = unzipped(written(book(history=True), "pdf")[0])
    assert [*found] == ["BRO-001.pdf", "LYO-001.pdf"]
    assert "typing error" in text_of(found["BRO-001.pdf"])
    strange = [Record(subject, "", "inclusion", values={"sex": "f"}) for subject in ("a/b", "A b", "../c")]
    assert [*unzipped(written(book(records=strange), "pdf")[0])] == ["a_b.pdf", "A_b_2.pdf", "_c.pdf"]


def test_one_press_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process sets many papers and is replaced now and then; one that gives nothing is told."""
    monkeypatch.setattr(press, "PAPERS", 2)
    with press.Press() as one:
        made = [casebook_pdf(casebook(), one) for _ in range(3)]
        assert len({*made}) == 1
        with pytest.raises(press.Unset):
            one.pdf("no.typ", {}, AT)
        monkeypatch.setattr(press, "SECONDS", 0.05)
        monkeypatch.setattr(press, "CHILD", press.CHILD.with_name("press.py"))
        one.close()
        begun = time.monotonic()
        with pytest.raises(press.Unset):
            one.pdf("casebook.typ", {}, AT)
        assert time.monotonic() - begun < 20


def test_a_long_casebook_is_set_in_seconds() -> None:
    """Twelve visits of 150 questions, with their history, make some dozens of pages in a few seconds."""
    form = data(*(item(f"q{number}") for number in range(150)))
    form["events"] = [{"key": f"v{number}", "title": {"en": f"Visit {number}"}, "pages": ["p"]} for number in range(12)]
    values = {f"q{number}": "word " * 8 for number in range(150)}
    visits = [Record("S-1", event=f"v{number}", values=values, pages={"p": "complete"}) for number in range(12)]
    begun = time.monotonic()
    made = casebook_pdf(casebook(definition=engine.load(form), records=visits))
    assert pages_of(made) > 20
    assert time.monotonic() - begun < 30
