"""What may be done with analyses, by whom, and what is written down of it."""

from __future__ import annotations

import time

import duckdb
import pyarrow
import pytest
from django.db import connection

from core.access.demo import World
from core.access.rules import Refused
from core.audit.models import Event
from core.datasets.models import DatasetVersion
from core.errors import Conflict, Invalid
from core.web.formulas import harmless
from lowcode.engine import read
from lowcode.engine.result import Special
from lowcode.models import Analysis, StoredResult
from lowcode.services import analyses, results, running
from tests.lowcode.conftest import BY_SEX, HOSTILE, asked, publish

pytestmark = pytest.mark.django_db


def actions(name: str) -> list[Event]:
    return list(Event.objects.filter(action=name).order_by("pk"))


def test_a_question_is_answered_and_written_down(world: World, version: DatasetVersion) -> None:
    """The answer counts every row; the journal says who asked what version, and nothing of its filters."""
    asked_of = asked(where={"match": "all", "items": [{"column": "ward", "is": "one_of", "values": ["Urgences"]}]})
    answer = running.ask(world.user["researcher"], version, read(asked_of))
    assert [row[:2] for row in answer.result.rows] == [("F", 15), ("M", 15)]
    (event,) = actions("lowcode.query_run")
    assert event.actor_id == world.user["researcher"].pk
    assert event.details["version"] == 1
    assert "Urgences" not in str(event.details)
    assert len(actions("datasets.version_read")) == 1


def test_the_same_question_is_computed_once(world: World, version: DatasetVersion) -> None:
    """The second time the stored answer is given, and that it was read is written down all the same."""
    first = running.ask(world.user["researcher"], version, read(BY_SEX))
    second = running.ask(world.user["owner"], version, read(BY_SEX))
    assert (first.cached, second.cached) == (False, True)
    assert first.result.rows == second.result.rows
    assert StoredResult.objects.count() == 1
    assert len(actions("lowcode.query_run")) == 2


def test_what_is_stored_is_sealed(world: World, analysis: Analysis) -> None:
    """Neither the question nor the answer is in the database in clear."""
    running.read_saved(world.user["researcher"], analysis)
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM lowcode_analysis UNION ALL SELECT content FROM lowcode_storedresult")
        for (sealed,) in cursor.fetchall():
            assert b"lactate" not in bytes(sealed)
            assert b'"F"' not in bytes(sealed)


@pytest.mark.parametrize("who", ["monitor", "administrator"])
def test_without_the_right_small_counts_stay_hidden(world: World, version: DatasetVersion, who: str) -> None:
    """A viewer gets the last result, masked; he can't ask, and can't get it before somebody who may has run it."""
    by_ward = asked(by=[{"column": "ward"}], measures=[{"of": "rows"}])
    analysis = analyses.create(world.user["researcher"], world.project, "Services", by_ward)
    with pytest.raises(Conflict):
        running.read_saved(world.user[who], analysis)
    running.read_saved(world.user["researcher"], analysis)
    rows = dict(running.read_saved(world.user[who], analysis).result.rows)
    assert rows[Special.MASKED] is rows["Médecine"] is Special.MASKED
    assert "Maternité" not in rows
    assert (rows["Urgences"], rows["Réanimation"]) == (30, 15)
    with pytest.raises(Refused):
        running.ask(world.user[who], version, read(by_ward))


@pytest.mark.parametrize("who", ["stranger", "member", "anonymous"])
def test_strangers_are_refused(world: World, version: DatasetVersion, analysis: Analysis, who: str) -> None:
    """Whoever is no member of the whole project neither asks nor reads."""
    from django.contrib.auth.models import AnonymousUser

    actor = AnonymousUser() if who == "anonymous" else world.user[who]
    for act in (
        lambda: running.ask(actor, version, read(BY_SEX)),
        lambda: running.read_saved(actor, analysis),
        lambda: analyses.delete(actor, analysis),
        lambda: results.export(actor, analysis, "csv", "fr"),
    ):
        with pytest.raises(Refused):
            act()


def test_masking_can_be_set_for_everybody(world: World, version: DatasetVersion, settings: object) -> None:
    """With MASK_FOR_EVERYBODY even those who may read the data see no small count."""
    settings.MASK_FOR_EVERYBODY = True  # type: ignore[attr-defined]
    answer = running.ask(
        world.user["researcher"], version, read(asked(by=[{"column": "ward"}], measures=[{"of": "rows"}]))
    )
    assert answer.result.masked == 3  # two counts, and the name of the ward that few people are in


def test_every_fault_is_named_and_nothing_is_saved(world: World, version: DatasetVersion) -> None:
    """Name, column and measure are refused together; no analysis appears."""
    bad = asked(by=[{"column": "sexe"}], measures=[{"of": "mean", "column": "ward"}])
    with pytest.raises(Invalid) as refused:
        analyses.create(world.user["researcher"], world.project, "  ", bad)
    assert {fault.place for fault in refused.value.faults} == {"name", "query.by.0.column", "query.measures.0.of"}
    assert not Analysis.objects.exists()


def test_a_hostile_name_is_a_name(world: World, version: DatasetVersion) -> None:
    """A column called like a script is grouped by like any other."""
    answer = running.ask(world.user["owner"], version, read(asked(by=[{"column": HOSTILE}], measures=[{"of": "rows"}])))
    assert answer.result.rows == (("x", 60),)


def test_a_question_that_takes_too_long_is_stopped(world: World, settings: object) -> None:
    """After ANALYSIS_SECONDS the statement is interrupted, and the person is told what to do."""
    settings.ANALYSIS_SECONDS = 0.05  # type: ignore[attr-defined]
    plan = running.compile_query(read(BY_SEX), SLOW.table)
    with SLOW.connection() as slow, pytest.raises(Invalid) as refused:
        running.execute(slow, plan, 10)
    assert refused.value.faults[0].code == "too_long"


def test_a_statement_that_begins_late_is_stopped_too(world: World) -> None:
    """Time that is up before the statement has begun is not forgotten; what runs afterwards has its own time."""

    def late() -> None:
        with running.time_limit(slow, 0.01):
            time.sleep(0.2)
            slow.execute("SELECT sum(lactate) FROM data").fetchall()

    with SLOW.connection() as slow:
        with pytest.raises(duckdb.InterruptException):
            late()
        assert slow.execute("SELECT 1").fetchall() == [(1,)]


class SLOW:
    """A view whose reading takes minutes."""

    from lowcode.engine import Column, Kind, Table

    table = Table("data", [Column("sex", Kind.TEXT), Column("lactate", Kind.NUMBER)])

    @staticmethod
    def connection() -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 1})
        connection.execute(
            "CREATE VIEW data AS SELECT (a.range + b.range)::text AS sex, 1.0 AS lactate"
            " FROM range(1000000) a, range(1000000) b"
        )
        return connection


def test_nobody_overwrites_what_somebody_else_saved(world: World, analysis: Analysis) -> None:
    """The second of two who read the same revision is told, and his changes are not written."""
    analyses.save(world.user["owner"], analysis, 1, "Premier", BY_SEX, {})
    with pytest.raises(Conflict):
        analyses.save(world.user["researcher"], analysis, 1, "Second", BY_SEX, {})
    analysis.refresh_from_db()
    assert (analysis.name, analysis.revision) == ("Premier", 2)


def test_deleted_is_not_lost(world: World, analysis: Analysis) -> None:
    """A deleted analysis is in no list and comes back whole; both acts are in the journal."""
    actor = world.user["owner"]
    analyses.delete(actor, analysis)
    assert not Analysis.objects.kept().exists()
    analyses.restore(actor, analysis)
    assert Analysis.objects.kept().get().query == analysis.query
    assert [len(actions(f"lowcode.analysis_{act}")) for act in ("deleted", "restored")] == [1, 1]


def test_a_held_version_stays(world: World, version: DatasetVersion) -> None:
    """An analysis held to a version doesn't move when a newer one comes; one that follows does."""
    actor = world.user["researcher"]
    count = asked(by=[], measures=[{"of": "rows"}])
    held = analyses.create(actor, world.project, "Tenue", count | {"source": {"dataset": "inclusions", "version": 1}})
    follows = analyses.create(actor, world.project, "Suit", count)
    newer = pyarrow.table({"sex": ["F"], "lactate": [1.0]})
    publish(world, table=newer)
    assert running.read_saved(actor, held).result.rows == ((60,),)
    assert running.read_saved(actor, follows).result.rows == ((1,),)


def test_a_result_becomes_a_dataset(world: World, analysis: Analysis) -> None:
    """Published with its provenance: the version that was read, the question, the analysis; readable like any other."""
    actor = world.user["researcher"]
    made = results.publish(actor, analysis, "lactate-sexe", "Lactate par sexe", hide_small=True, language="fr")
    assert (made.sensitivity, made.row_count, made.column_names) == ("aggregate", 2, ["sex", "rows", "mean_lactate"])
    assert made.provenance["analysis"] == str(analysis.pk)
    assert made.provenance["version"] == 1
    question = {"source": {"dataset": "lactate-sexe"}, "measures": [{"of": "sum", "column": "rows"}]}
    assert running.ask(actor, made, read(question)).result.rows == ((60,),)


def test_a_result_as_it_is_stays_as_sensitive(world: World, analysis: Analysis) -> None:
    """Without hiding small counts the new dataset is health data like its source."""
    made = results.publish(world.user["owner"], analysis, "lactate-sexe", "Lactate", hide_small=False, language="fr")
    assert made.sensitivity == "health"


def test_a_published_result_hides_small_counts(world: World, version: DatasetVersion) -> None:
    """What few people stand behind is empty in the published table."""
    actor = world.user["researcher"]
    by_ward = asked(by=[{"column": "ward"}], measures=[{"of": "rows"}])
    analysis = analyses.create(actor, world.project, "Services", by_ward)
    made = results.publish(actor, analysis, "services", "Services", hide_small=True, language="fr")
    question = {
        "source": {"dataset": "services"},
        "measures": [{"of": "sum", "column": "rows"}, {"of": "missing", "column": "rows"}],
    }
    assert running.ask(actor, made, read(question)).result.rows == ((45, 0.5),)


def test_an_export_is_written_down(world: World, analysis: Analysis) -> None:
    """As CSV in words of the reader, with decimal commas in French; pictures leave an entry too."""
    text = results.export(world.user["researcher"], analysis, "csv", "fr")
    assert text.splitlines()[0] == "\ufeffSexe;Nombre de lignes;Moyenne de Lactate (mmol/L)"
    assert text.splitlines()[1].startswith("Femme;30;")
    assert "," in text.splitlines()[1]
    results.export(world.user["researcher"], analysis, "png", "fr")
    assert [event.details["format"] for event in actions("lowcode.result_exported")] == ["csv", "png"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", " =1", "\n=1", "\uff1d1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """A spreadsheet shows what a hostile value says and computes nothing."""
    assert harmless(text) == f"'{text}"
