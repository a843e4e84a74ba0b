"""The evaluation in pages: sets, runs as jobs, figures, errors, two runs side by side; who may, what is journalled."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from core import jobs
from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Invalid, Refusal
from prescriptions import engine, services
from prescriptions.engine.evaluation import own
from prescriptions.engine.evaluation.case import write_case
from prescriptions.engine.evaluation.meaning import ITEMS
from prescriptions.engine.evaluation.report import report
from prescriptions.models import CaseSet, Run, RunCase, SetCase
from prescriptions.services.evaluation import WORDS
from prescriptions.web import figures
from prescriptions.web.outcomes import pieces, said
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
SECRET = "MADAME SECRET"


def line(number: int, text: str, said_to_be: str | None = None, category: str = "moments") -> str:
    """A case whose structure is what the engine makes of other words."""
    expected = engine.encode(engine.read_line(said_to_be or text).medication)
    return json.dumps({"id": f"C{number}", "text": text, "category": category, "expected": expected})


CASES = "\n".join([
    line(1, "1 cp matin et soir"),
    line(2, "DOLIPRANE 1 g : 1 cp matin et soir", "DOLIPRANE 1 g : 10 cp matin et soir", "doses"),
    line(3, f"1 cp le matin {SECRET}", "1 cp le soir", "moments"),
])  # fmt: skip


@pytest.fixture
def case_set(world: World) -> CaseSet:
    return services.add_set(world.user["researcher"], world.project, "Mes cas", CASES.encode())


@pytest.fixture
def run(world: World, case_set: CaseSet) -> Run:
    return made(world, case_set)


def made(world: World, case_set: CaseSet, threshold: float = 0.8) -> Run:
    run, _job = services.start_run(world.user["researcher"], case_set, "grammar", threshold)
    assert jobs.run_waiting() == 1
    return Run.objects.select_related("case_set__project").get(pk=run.pk)


def address(world: World, name: str, *args: object) -> str:
    return reverse(f"prescriptions:{name}", args=[world.project.slug, *args])


def test_a_run_is_a_job(world: World, run: Run) -> None:
    """A run keeps its figures, what it read with, and one row a case with what lists filter by."""
    assert run.report["lines"] == 3
    assert (run.line_exact, run.silent) == (round(1 / 3, 4), 2)
    assert run.reference == "starter"
    rows = list(RunCase.objects.filter(run=run).values_list("position", "exact", "silent", "magnitude"))
    assert rows == [(1, True, False, 0), (2, False, True, 10), (3, False, True, 0)]
    assert Event.objects.filter(action="prescriptions.run_finished", object_id=str(run.pk)).count() == 1


def test_a_threshold_of_its_own(world: World, case_set: CaseSet) -> None:
    """With the highest threshold what isn't certain is to be checked: fewer errors are silent."""
    run = made(world, case_set, threshold=1.0)
    assert run.silent is not None
    assert run.silent <= 2


def test_texts_are_sealed(world: World, run: Run) -> None:
    """The database holds neither the texts nor the names of categories in clear."""
    with connection.cursor() as cursor:
        for model, column in ((SetCase, "content"), (RunCase, "outcome"), (Run, "report")):
            cursor.execute(f"SELECT {column} FROM {model._meta.db_table} WHERE {column} IS NOT NULL")
            for (value,) in cursor.fetchall():
                assert b"SECRET" not in bytes(value)
                assert b"moments" not in bytes(value)


def test_the_journal_tells_no_text(world: World, client_of: ClientOf, run: Run) -> None:
    """Adding, running, reading and exporting are journalled, with counts alone."""
    client = client_of("researcher")
    for name, args in (("case_set", [run.case_set_id]), ("run", [run.pk]), ("export_run", [run.pk, "json"])):
        assert client.get(address(world, name, *args)).status_code == 200
    events = Event.objects.filter(action__startswith="prescriptions.")
    assert {event.action.partition(".")[2] for event in events} >= {
        "case_set_added", "case_set_read", "run_asked", "run_finished", "run_read", "run_exported"
    }  # fmt: skip
    assert SECRET not in "".join(str(event.details) for event in events)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Fréquence", "95")),
        ("en", ("Lines read exactly", "Silent errors", "Is the confidence deserved?")),
    ],
)
def test_results(world: World, client_of: ClientOf, run: Run, language: str, words: tuple[str, ...]) -> None:
    """The figures with their intervals, the fields, the groups, and a table beside each drawing."""
    world.user["researcher"].language = language
    world.user["researcher"].save()
    page = client_of("researcher").get(run.get_absolute_url()).content.decode()
    for word in words:
        assert word in page
    assert page.count('class="rx-plot"') == 2
    assert page.count("<table") >= 5
    assert SECRET not in page


def test_until_it_is_done(world: World, client_of: ClientOf, case_set: CaseSet) -> None:
    """A run that waits shows its progress, and has neither cases nor files."""
    run, _job = services.start_run(world.user["researcher"], case_set, "grammar")
    client = client_of("researcher")
    assert b"job-progress" in client.get(run.get_absolute_url()).content
    assert client.get(address(world, "run_cases", run.pk)).status_code == 404
    assert client.get(address(world, "export_run", run.pk, "csv")).status_code == 404


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", {"C1", "C2", "C3"}),
        ("kind=wrong", {"C2", "C3"}),
        ("kind=magnitude", {"C2"}),
        ("kind=exact", {"C1"}),
        ("field=timing", {"C3"}),
        ("category=0", {"C2"}),
    ],
)
def test_errors_are_browsable(world: World, client_of: ClientOf, run: Run, query: str, ids: set[str]) -> None:
    """Cases are filtered by what is wrong, by field and by category."""
    page = client_of("researcher").get(f"{address(world, 'run_cases', run.pk)}?{query}").content.decode()
    assert {name for name in ("C1", "C2", "C3") if f">{name}</a>" in page} == ids


def test_one_case(world: World, client_of: ClientOf, run: Run) -> None:
    """A case shows its text, what was expected beside what was read with what differs marked, and the next error."""
    page = client_of("researcher").get(address(world, "run_case", run.pk, 2)).content.decode()
    assert "rx-wanted" in page
    assert "10 comprimés" in page.replace("\N{NO-BREAK SPACE}", " ") or ">10<" in page
    assert address(world, "run_case", run.pk, 3) in page
    assert client_of("researcher").get(address(world, "run_case", run.pk, 9)).status_code == 404
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert "DOLIPRANE" not in title


def test_what_is_in_a_case_is_shown_as_text(world: World, client_of: ClientOf) -> None:
    """Markup in an uploaded case is words."""
    evil = json.dumps({"id": "<b>", "text": "<script>alert(1)</script>", "category": "<i>",
                       "expected": {"name": "<img src=x>", "dosage": []}})  # fmt: skip
    run = made(world, services.add_set(world.user["owner"], world.project, "<u>", evil.encode()))
    client = client_of("researcher")
    for page in (run.get_absolute_url(), address(world, "run_cases", run.pk), address(world, "run_case", run.pk, 1)):
        content = client.get(page).content
        for mark in (b"<script>alert", b"<img src=x", b"<b>", b"<i>", b"<u>"):
            assert mark not in content, (page, mark)


def test_two_runs(world: World, client_of: ClientOf, run: Run) -> None:
    """Two runs of a set stand side by side; runs of different sets don't."""
    other = made(world, run.case_set)
    client = client_of("researcher")
    page = client.get(f"{address(world, 'compare_runs', other.pk)}?with={run.pk}").content.decode()
    assert "McNemar" in page
    own_set = services.add_own_set(world.user["researcher"], world.project, "own")
    stranger = made(world, own_set)
    assert client.get(f"{address(world, 'compare_runs', stranger.pk)}?with={run.pk}").status_code == 404
    assert client.get(f"{address(world, 'compare_runs', run.pk)}?with=nothing").status_code == 302


def test_files(world: World, client_of: ClientOf, run: Run) -> None:
    """CSV has a row for each line and none of its text; JSON has the figures and the cases."""
    client = client_of("researcher")
    table = client.get(address(world, "export_run", run.pk, "csv")).content.decode("utf-8-sig")
    assert len(table.strip().splitlines()) == 4
    assert SECRET not in table
    found = json.loads(client.get(address(world, "export_run", run.pk, "json")).content)
    assert found["report"]["lines"] == 3
    assert SECRET in found["cases"][2]["text"]


def test_upload(world: World, client_of: ClientOf) -> None:
    """A set is uploaded, or refused whole with the line of each fault."""
    client = client_of("researcher")

    def send(name: str, content: str) -> tuple[int, str]:
        file = SimpleUploadedFile("cas.jsonl", content.encode())
        answer = client.post(address(world, "new_case_set"), {"name": name, "file": file})
        return answer.status_code, answer.content.decode()

    assert send("Bon", CASES)[0] == 302
    assert CaseSet.objects.get(name="Bon").count == 3
    assert send("Bon", CASES)[0] == 422
    status, page = send("Mauvais", '{"id": "1"}\n{"id": "2", "text": "x", "type": "page", "expected": {}}')
    assert status == 422
    assert re.search("line 1|ligne 1", page, re.IGNORECASE)
    assert re.search("line 2|ligne 2", page, re.IGNORECASE)
    assert not CaseSet.objects.filter(name="Mauvais").exists()


def test_own_sets(world: World) -> None:
    """The suite's sets are kept once, whoever asks; another name isn't one."""
    one = services.add_own_set(world.user["researcher"], world.project, "own")
    assert services.add_own_set(world.user["owner"], world.project, "own") == one
    assert one.count == len(own.cases())
    with pytest.raises(Invalid):
        services.add_own_set(world.user["owner"], world.project, "../x")


def test_refusals(world: World, case_set: CaseSet) -> None:
    """Who may not evaluate is refused; so are a reader that isn't here, a threshold that is none, a name taken."""
    for act in (
        lambda who: services.add_set(who, world.project, "x", CASES.encode()),
        lambda who: services.delete_set(who, case_set),
        lambda who: services.start_run(who, case_set, "grammar"),
    ):
        with pytest.raises(Refusal):
            act(world.user["monitor"])
    with pytest.raises(Invalid):
        services.start_run(world.user["owner"], case_set, "oracle")
    with pytest.raises(Invalid):
        services.start_run(world.user["owner"], case_set, "grammar", 0)
    with pytest.raises(Conflict):
        services.add_set(world.user["owner"], world.project, "Mes cas", CASES.encode())
    with pytest.raises(Invalid):
        services.add_set(world.user["owner"], world.project, "latin", "é".encode("latin-1"))


def test_deleting(world: World, run: Run) -> None:
    """A set goes with its cases, runs and results."""
    services.delete_set(world.user["researcher"], run.case_set)
    assert not any(model.objects.exists() for model in (CaseSet, SetCase, Run, RunCase))


def test_lists_ask_few_questions(world: World, client_of: ClientOf, run: Run) -> None:
    """Ten runs ask the database no more than one does."""
    client = client_of("researcher")
    before = queries_of(client, address(world, "evaluation"))
    for _number in range(3):
        made(world, run.case_set)
    assert queries_of(client, address(world, "evaluation")) == before


def test_words() -> None:
    """Every fault of a set, every field and every figure has words; each kind of value is said in French."""
    assert set(ITEMS) <= set(figures.FIELDS)
    assert set(WORDS) >= {"not_json", "not_object", "missing", "text", "type", "scoring", "expected", "spans", "twice"}
    empty = report([])
    assert figures.key_figures(empty)[0].value == figures.NONE
    for case in own.cases():
        for one in case.expected.get("medications", [case.expected]):
            for field in ("dose", "timing", "duration", "need", "limit", "route", "strength", "supply", "daily"):
                assert not said(field, one).startswith(("{", "[")), (case.id, field)


def test_differences_are_marked() -> None:
    """Shared words are plain; those of one side only are marked."""
    ours, theirs = pieces("1 comprimé le matin", "2 comprimés le matin")
    assert [(piece.text, piece.differs) for piece in ours] == [("1 comprimé", True), ("le matin", False)]
    assert [(piece.text, piece.differs) for piece in theirs] == [("2 comprimés", True), ("le matin", False)]


def test_our_cases_can_be_kept(world: World) -> None:
    """What is written of a case is a case again, in the database too."""
    kept = services.add_own_set(world.user["owner"], world.project, "own-noisy")
    first = SetCase.objects.filter(case_set=kept).select_related("case_set__project").first()
    assert first is not None
    assert write_case(first.case) == first.content
