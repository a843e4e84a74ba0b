"""The grid of subjects by events and pages: states, filters, places kept, acts on many; reports and pending answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World
from core.audit.models import Event
from core.errors import Invalid
from ecrf import overview, reporting, services
from ecrf.engine import Sheet
from ecrf.models import Entry, Form, Lock, Subject
from ecrf.reporting.delays import quantile
from ecrf.web import plots
from ecrf.web.grid import page
from tests.ecrf import visits
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
FULL = {"weight": "80", "lactate": "2"}


@pytest.fixture
def form(world: World) -> Form:
    return visits.publish(world)


@pytest.fixture
def subjects(world: World, form: Form) -> list[Subject]:
    """Four at site A: one complete at inclusion, one begun, one with a query, one with nothing."""
    member = world.user["member"]
    found = [services.include_subject(member, world.site_a) for _number in range(4)]
    sheet = Sheet("inclusion", "", 1)
    services.save_entry(member, found[0], form, 0, FULL, sheet=sheet, complete={"exam": True})
    services.save_entry(member, found[1], form, 0, {"weight": "70"}, sheet=sheet)
    asked = services.save_entry(
        member, found[2], form, 0, FULL, sheet=sheet, notes={"lactate": {"status": "check", "comment": "Refait"}}
    ).entry
    services.open_query(world.user["monitor"], asked, "Sûr ?", item="lactate")
    return found


def grid(client: Client, world: World, **asked: str) -> Any:
    return client.get(reverse("ecrf:home", args=[world.project.slug]), asked)


def numbers(answer: Any) -> list[str]:
    return [one.number for one in answer.context["table"].page.object_list]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"state": "complete", "event": "inclusion", "on": "exam"}, [0]),
        ({"state": "complete"}, [0]),
        ({"state": "missing"}, [1]),
        ({"state": "missing", "on": "exam"}, [1]),
        ({"state": "missing", "event": "month_1"}, []),
        ({"state": "begun", "on": "exam"}, [1, 2]),
        ({"state": "queries"}, [2]),
        ({"state": "check"}, [2]),
        ({"state": "none"}, [3]),
        ({"state": "none", "event": "month_1"}, [0, 1, 2, 3]),
        ({"event": "inclusion"}, [0, 1, 2]),
        ({"on": "ae"}, []),
        ({"activity": "7"}, [0, 1, 2]),
        ({"activity": "-7"}, [3]),
        ({"visits": "overdue"}, []),
        ({"q": "002"}, [1]),
        ({"sort": "-number"}, [3, 2, 1, 0]),
        ({"sort": "-activity"}, [3, 2, 1, 0]),
    ],
)
def test_filters(
    world: World, subjects: list[Subject], client_of: ClientOf, asked: dict[str, str], expected: list[int]
) -> None:
    """Each filter of the address keeps whom it says; an event and a page say where a state is looked for."""
    if asked.get("sort") == "-activity":
        Entry.objects.filter(subject=subjects[0]).update(updated_at=subjects[0].created_at)
        expected = sorted(expected, key=lambda place: latest(subjects[place]), reverse=True)
    assert numbers(grid(client_of("owner"), world, **asked)) == [subjects[place].number for place in expected]


def latest(subject: Subject) -> Any:
    return max([subject.created_at, *Entry.objects.filter(subject=subject).values_list("updated_at", flat=True)][-1:])


def test_cells(world: World, form: Form, subjects: list[Subject], client_of: ClientOf) -> None:
    """A cell says its state in words and what waits there; closed, an event is one cell of all its pages."""
    shown = grid(client_of("owner"), world).content.decode()
    assert f"{subjects[0].number} · Inclusion · Examen: Complet" in shown
    assert "1 requête ouverte" in shown or "1 open query" in shown
    closed = grid(client_of("owner"), world, open="month_1").content.decode()
    assert f"{subjects[0].number} · Inclusion: " in closed
    assert "Inclusion · Examen" not in closed
    assert grid(client_of("owner"), world, open="nothing").status_code == 200


def test_places_are_kept(
    world: World, form: Form, subjects: list[Subject], client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages go on from a subject, forwards and back, in any order, and end where there are no more."""
    monkeypatch.setattr(page, "PER_PAGE", 2)
    client, seen = client_of("owner"), [one.number for one in subjects]
    for sort, order in (("", seen), ("-number", seen[::-1]), ("included", seen), ("-activity", None)):
        first = grid(client, world, sort=sort)
        leaf = first.context["table"].leaf
        second = grid(client, world, sort=sort, after=str(leaf.after))
        both = [*numbers(first), *numbers(second)]
        assert sorted(both) == seen
        assert order is None or both == order
        assert second.context["table"].leaf.after is None
        back = grid(client, world, sort=sort, before=str(second.context["table"].leaf.before))
        assert numbers(back) == numbers(first)
        assert back.context["table"].count == 4
    assert grid(client, world, after="nobody").status_code == 200


def test_costs_are_constant(world: World, form: Form, subjects: list[Subject], client_of: ClientOf) -> None:
    """More subjects with more records cost no more queries, and no value is opened."""
    client, address = client_of("owner"), reverse("ecrf:home", args=[world.project.slug])
    before = queries_of(client, address)
    for _number in range(6):
        one = services.include_subject(world.user["member"], world.site_a)
        services.save_entry(world.user["member"], one, form, 0, FULL, sheet=Sheet("inclusion", "", 1))
    assert queries_of(client, address) == before


def test_counts(world: World, form: Form, subjects: list[Subject], client_of: ClientOf) -> None:
    """Under each page stands how many subjects are how far, asked for after the grid is there."""
    counts = overview.counts_of(form, Subject.objects.filter(project=world.project))
    assert counts["inclusion", "exam"] == {"complete": 1, "incomplete": 1, "begun": 1}
    shown = grid(client_of("owner"), world, counts="1").content.decode()
    assert 'id="count-inclusion-exam" hx-swap-oob="true">1 ' in shown


def test_locking_many(world: World, form: Form, subjects: list[Subject], client_of: ClientOf) -> None:
    """Ticked subjects are locked together after a reason was asked; who may not lock can't."""
    address = reverse("ecrf:bulk_lock", args=[world.project.slug])
    chosen = {"selected": [str(one.pk) for one in subjects[:2]]}
    assert subjects[0].number in client_of("owner").post(address, chosen).content.decode()
    assert not Lock.objects.exists()
    client_of("owner").post(address, {**chosen, "confirmed": "1", "event": "inclusion", "reason": "Fin"})
    assert {lock.subject for lock in Lock.objects.filter(event="inclusion", reason="Fin")} == {*subjects[:2]}
    assert numbers(grid(client_of("owner"), world, state="locked", event="inclusion")) == [
        one.number for one in subjects[:2]
    ]
    assert client_of("member").post(address, {**chosen, "confirmed": "1"}).status_code == 403


def test_pending(world: World, form: Form, subjects: list[Subject], client_of: ClientOf) -> None:
    """What somebody would come back to is listed with the way there; another site's isn't."""
    address = reverse("ecrf:pending", args=[world.project.slug])
    listed = client_of("member").get(address).content.decode()
    assert "Refait" in listed
    assert "#item-lactate" in listed
    assert "Refait" not in client_of("member").get(f"{address}?status=wait").content.decode()
    assert "Refait" not in client_of("other_site").get(address).content.decode()


def test_reports(world: World, form: Form, subjects: list[Subject], client_of: ClientOf) -> None:
    """The numbers of a study, for who sees all sites; one's own site for the others."""
    services.include_subject(world.user["other_site"], world.site_b)
    owner = world.user["owner"]
    services.set_targets(owner, world.project, world.site_a, timezone.localdate(), timezone.localdate(), 3)
    services.set_targets(owner, world.project, None, timezone.localdate(), timezone.localdate(), 9)
    services.follow(
        owner,
        world.project,
        tells_overdue=False,
        grace=0,
        steps=[{"form": form.key, "event": "inclusion", "page": "exam"}],
    )
    month = timezone.localdate().replace(day=1)
    made = {one.name: one for one in reporting.reports(owner, world.project)}
    assert made["inclusions"].rows == [[month, 5, 12, 5, 12]]
    assert reporting.report(world.user["member"], world.project, "inclusions").rows == [[month, 4, 3, 4, 3]]
    assert [row[1] for row in made["steps"].rows] == [5, 1]
    assert list(made["sites"].rows[0][1:4]) == [4, 3, None]
    exam = next(row for row in made["completeness"].rows if row[1:3] == ["Inclusion", "Examen"])
    assert exam[3:7] == [5, 3, 1, 1]
    assert made["queries"].rows[0][1:] == [1, 0, 0, 0, 1]
    assert len(made["people"].rows) == 1
    own = client_of("member").get(reverse("ecrf:reports", args=[world.project.slug])).content.decode()
    assert "Vos centres" in own or "Your sites" in own
    file = client_of("owner").get(reverse("ecrf:report_table", args=[world.project.slug, "inclusions"]))
    assert file["Content-Disposition"].endswith('-inclusions.csv"')
    assert Event.objects.filter(action="ecrf.report_exported").count() == 1


def test_settings(world: World, form: Form, subjects: list[Subject], client_of: ClientOf) -> None:
    """Targets and steps are set on one page; what can't be is told, and nothing is saved."""
    address, client = reverse("ecrf:report_settings", args=[world.project.slug]), client_of("owner")
    sent = {"what": "targets", "site": "", "first": "2026-01", "last": "2026-12", "subjects": "4"}
    assert client.post(address, sent).status_code == 302
    assert "48" in client.get(address).content.decode()
    assert client.post(address, {**sent, "last": "2025-01"}).status_code == 422
    assert client.post(address, {**sent, "first": "x"}).status_code == 422
    assert client.post(address, {"what": "following", "step": ["0"], "grace": "x"}).status_code == 422
    assert client.post(address, {"what": "following", "step": ["0"], "grace": "3"}).status_code == 302
    steps = [{"form": "essai", "event": "nowhere"}]
    with pytest.raises(Invalid):
        services.follow(world.user["owner"], world.project, tells_overdue=True, grace=0, steps=steps)


def test_reports_over_rest(world: World, form: Form, subjects: list[Subject], api_of: ApiOf) -> None:
    """Each report is a table over REST too; targets are set there by who may."""
    found = api_of("monitor").get(f"/api/v1/ecrf/reports/{world.project.slug}/sites/").json()
    assert found["rows"][0][1] == 4
    assert api_of("monitor").get(f"/api/v1/ecrf/reports/{world.project.slug}/nothing/").status_code == 404
    sent = {"project": world.project.slug, "first": "2026-01-01", "last": "2026-03-01", "subjects": 2}
    assert api_of("owner").post("/api/v1/ecrf/targets/", sent, format="json").json() == {"months": 3}
    assert api_of("member").post("/api/v1/ecrf/targets/", sent, format="json").status_code == 403
    assert len(api_of("member").get("/api/v1/ecrf/targets/").json()["results"]) == 3


def test_plots_and_quantiles() -> None:
    """A scale has five lines at most, names of lines don't overlap; a quantile is a number of days that occurred."""
    months = [timezone.localdate().replace(month=month, day=1) for month in (1, 2, 3)]
    plot = plots.accrual(months, [("included", "I", [1, 2, 9]), ("target", "T", [3, 6, 9])])
    assert plot is not None
    assert len(plot.ys) <= 6
    assert abs(plot.curves[0].end - plot.curves[1].end) >= 18
    assert plots.accrual([], []) is None
    assert quantile({0: 5, 3: 4, 40: 1}, 0.9) == 3
    assert quantile({}, 0.5) is None
