"""Queries from a file: every wrong cell is named, nothing is opened unless all of it is right."""

from __future__ import annotations

from typing import Any

import pytest

from core import access, jobs
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from ecrf import services
from ecrf.engine import query_file
from ecrf.models import Query, QueryBatch, QueryMessage
from ecrf.services import query_files
from tests.ecrf.conftest import Study

HEAD = "subject;event;page;instance;field;text;assign"


@pytest.fixture
def begun(study: Study) -> Study:
    """Each subject has a record."""
    services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"weight": "80"})
    services.save_entry(study.world.user["other_site"], study.elsewhere, study.form, 0, {"weight": "70"})
    return study


def read(study: Study, *rows: str, who: str = "owner", head: str = HEAD) -> QueryBatch:
    content = "\n".join([head, *rows, ""]).encode()
    return services.read_queries(study.world.user[who], study.world.project, content, "q.csv")


def faults(batch: QueryBatch) -> list[tuple[str, str]]:
    return [(one["place"], one["code"]) for one in batch.faults]


def test_a_right_file_is_opened_after_a_look(begun: Study) -> None:
    """A file is read, looked at, and opened once; its texts begin the threads."""
    member = begun.world.user["member"]
    batch = read(
        begun,
        "BRO-001;;visite;1;weight;Est-ce 80 ?;",
        f"BRO-001;;visite;;;Page vide ?;{member.email}",
        "KER-001;;;;weight;70 ?;managers",
    )
    assert faults(batch) == []
    assert not Query.objects.exists()
    assert services.open_batch(begun.world.user["owner"], batch) == 3
    opened = Query.objects.order_by("created_at").values_list(
        "entry__subject__number", "page", "item", "assigned_group", "assigned_to"
    )
    assert list(opened) == [
        ("BRO-001", "visite", "weight", "site", None),
        ("BRO-001", "visite", "", "site", member.pk),
        ("KER-001", "visite", "weight", "managers", None),
    ]
    assert {one.text for one in QueryMessage.objects.all()} == {"Est-ce 80 ?", "Page vide ?", "70 ?"}
    with pytest.raises(Conflict):
        services.open_batch(begun.world.user["owner"], batch)


def test_exactly_the_wrong_cells_are_named(begun: Study) -> None:
    """Each wrong cell is named with its row and column; a file with one wrong cell opens nothing."""
    batch = read(
        begun,
        "BRO-001;;visite;;weight;Bien ?;",
        "BRO-999;;;;weight;Qui ?;",
        "BRO-001;;;;nobody;Quoi ?;",
        "BRO-001;;suivi;;weight;Où ?;",
        "BRO-001;;nowhere;;;Où ?;",
        "BRO-001;m6;;;weight;Quand ?;",
        "BRO-001;;;zero;weight;Combien ?;",
        "BRO-001;;;2;weight;Combien ?;",
        "BRO-001;;;;weight;;",
        "BRO-001;;;;;Rien ?;",
        "BRO-001;;;;weight;Qui ?;nobody@nowhere.example",
        "BRO-001;;;;weight;Court",
    )
    assert faults(batch) == [
        ("row 13", "cell_count"),
        ("row 3, subject", "no_subject"),
        ("row 4, field", "unknown_variable"),
        ("row 5, field", "field_elsewhere"),
        ("row 6, page", "unknown_page"),
        ("row 7, event", "no_event"),
        ("row 8, instance", "no_instance"),
        ("row 9, instance", "no_record"),
        ("row 10, text", "cell_empty"),
        ("row 11, field", "nothing_asked"),
        ("row 12, assign", "assign_unknown"),
    ]
    with pytest.raises(Invalid):
        services.open_batch(begun.world.user["owner"], batch)
    assert not Query.objects.exists()
    assert all(str(fault.message) for fault in query_files.faults_of(batch))


def test_who_may_not_assign_or_ask(begun: Study) -> None:
    """A monitor's file that assigns is refused at the cell; a clinician reads no file at all."""
    assert faults(read(begun, "BRO-001;;;;weight;?;monitors", who="monitor")) == [("row 2, assign", "may_not_assign")]
    with pytest.raises(access.Refused):
        read(begun, "BRO-001;;;;weight;?;", who="member")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"subject,text\n", "file_empty"),
        (b"field,text\nweight,?\n", "column_missing"),
        (b"subject,text,subject\na,b,c\n", "column_twice"),
        (b"subject,text,colour\na,b,c\n", "column_not_read"),
        (b"subject,te\0xt\n", "not_text_file"),
        (b"subject,text\n" + b"a,b\n" * (query_file.MAX_ROWS + 1), "too_many_lines"),
        (b"x" * (query_file.MAX_BYTES + 1), "file_too_large"),
    ],
)
def test_files_that_are_none(content: bytes, code: str) -> None:
    """A file without the columns, too long, or that is no text is refused as a whole."""
    rows, found = query_file.read(content)
    assert rows == []
    assert [fault.code for fault in found] == [code]


def test_french_headings_and_other_delimiters() -> None:
    """Headings in French, Windows' encoding, tabs and commas are read alike."""
    rows, found = query_file.read("Sujet\tChamp\tTexte\nBRO-001\tweight\tÉlevé ?\n".encode("cp1252"))
    assert found == []
    assert (rows[0].subject, rows[0].field, rows[0].text, rows[0].line) == ("BRO-001", "weight", "Élevé ?", 2)


def test_many_are_a_job(begun: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long file is opened by a job, once, however often the job is begun."""
    monkeypatch.setattr(query_files, "AT_ONCE", 2)
    batch = read(begun, *["BRO-001;;;;weight;Est-ce 80 ?;"] * 3)
    job: Any = services.open_batch(begun.world.user["owner"], batch)
    jobs.run_waiting()
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.result["rows"]) == ("done", 3)
    assert Query.objects.count() == 3


def test_query_counts_do_not_grow_with_the_file(begun: Study, django_assert_max_num_queries: Any) -> None:
    """Reading a file of a thousand rows asks the database as often as one of one row."""
    with django_assert_max_num_queries(40):
        batch = read(begun, *["BRO-001;;;;weight;Est-ce 80 ?;"] * 1000)
    assert (batch.row_count, batch.fault_count) == (1000, 0)
