"""Verification against the source: marks that lapse with the value, plans that are always the same, who may do it."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection

from core import access
from core.audit.models import Event
from core.errors import Conflict, Invalid
from ecrf import services, verifying
from ecrf.engine import verification as rules
from ecrf.models import Entry, Verification, VerificationCount, VerificationPlan
from tests.ecrf.conftest import Study


@pytest.fixture
def entry(study: Study) -> Entry:
    return save(study, 0, weight="80", sex="1")


def save(study: Study, base: int, **values: str) -> Entry:
    return services.save_entry(study.world.user["member"], study.subject, study.form, base, values).entry


def state(entry: Entry) -> dict[str, str]:
    return {item: mark["state"] for item, mark in verifying.state_of(entry.updated_by, entry)["marks"].items()}


def tally(study: Study, who: str = "owner") -> tuple[int, int, int]:
    total = verifying.Tally()
    for _site, found in verifying.by_site(verifying.counted(study.world.user[who], study.world.project, study.form)):
        total.add(found)
    return total.due, total.verified, total.outdated


def test_a_mark_lapses_with_its_value(study: Study, entry: Entry) -> None:
    """A changed value is to be verified anew; the others stay verified, and what was verified before stays known."""
    monitor = study.world.user["monitor"]
    assert services.verify_source(monitor, entry, ["weight", "sex"], revision=1) == 2
    entry = save(study, 1, weight="81")
    assert state(entry) == {"weight": "outdated", "sex": "verified"}
    services.verify_source(monitor, entry, ["weight"], revision=2)
    assert state(entry) == {"weight": "verified", "sex": "verified"}
    assert list(Verification.objects.filter(item="weight").values_list("revision", flat=True)) == [1, 2]
    events = Event.objects.filter(action="ecrf.source_verified").values_list("details__fields", flat=True)
    assert sorted(map(sorted, events)) == [["sex", "weight"], ["weight"]]


def test_a_page_and_a_record(study: Study, entry: Entry) -> None:
    """All that was entered on a page, or in a record, is marked at once; what is marked already is not marked twice."""
    monitor = study.world.user["monitor"]
    entry = save(study, 1, status="1")
    assert services.verify_source(monitor, entry, page="visite", revision=2) == 2
    assert services.verify_source(monitor, entry, revision=2) == 1
    assert state(entry) == {"weight": "verified", "sex": "verified", "status": "verified"}


def test_one_verifies_what_one_saw(study: Study, entry: Entry) -> None:
    """A mark on an older revision than the record's is refused: the value may be another one."""
    save(study, 1, weight="81")
    with pytest.raises(Conflict):
        services.verify_source(study.world.user["monitor"], entry, ["weight"], revision=1)
    with pytest.raises(Invalid):
        services.verify_source(study.world.user["monitor"], entry, ["nobody"], revision=2)


@pytest.mark.parametrize("who", ["member", "other_site", "researcher", "stranger"])
def test_who_verifies(study: Study, entry: Entry, who: str) -> None:
    """Monitors and managers verify; nobody else."""
    for act in (
        lambda: services.verify_source(study.world.user[who], entry, ["weight"]),
        lambda: services.withdraw_verification(study.world.user[who], entry, ["weight"]),
        lambda: services.plan_verification(study.world.user[who], study.form, subjects="all"),
    ):
        with pytest.raises(access.Refused):
            act()


def test_taking_a_mark_back(study: Study, entry: Entry) -> None:
    """A mark is taken back by name, and that it was there stays known."""
    monitor = study.world.user["monitor"]
    services.verify_source(monitor, entry, ["weight"])
    assert services.withdraw_verification(monitor, entry, ["weight", "sex"]) == 1
    assert state(entry) == {}
    assert Verification.objects.get().withdrawn_by == monitor


def test_progress_counts(study: Study, entry: Entry) -> None:
    """Due is what was ever entered by hand; calculations are not; another site's member sees his own site only."""
    services.verify_source(study.world.user["monitor"], entry, ["weight"])
    assert tally(study) == (2, 1, 0)
    save(study, 1, weight="81", height="160")
    assert tally(study) == (3, 0, 1)
    assert tally(study, "other_site") == (0, 0, 0)


@pytest.mark.parametrize(
    ("plan", "due"),
    [
        ({"subjects": "all"}, 4),
        ({"subjects": "none", "items": ["weight"]}, 2),
        ({"subjects": "none"}, 0),
        ({"subjects": "first", "first": 1}, 4),
        ({"subjects": "share", "percent": 100}, 4),
    ],
)
def test_plans(study: Study, entry: Entry, plan: dict[str, Any], due: int) -> None:
    """Everything of the chosen subjects is due, and the critical items of all of them."""
    values = {"weight": "70", "sex": "2"}
    services.save_entry(study.world.user["other_site"], study.elsewhere, study.form, 0, values)
    services.plan_verification(study.world.user["owner"], study.form, **plan)
    assert tally(study)[0] == due


def test_the_first_of_each_site(study: Study, entry: Entry) -> None:
    """Later subjects of a site are not verified as a whole, but their critical items are."""
    later = services.include_subject(study.world.user["member"], study.world.site_a)
    services.save_entry(study.world.user["member"], later, study.form, 0, {"weight": "70", "sex": "2"})
    services.plan_verification(study.world.user["owner"], study.form, subjects="first", first=1, items=["sex"])
    counts = verifying.counted(study.world.user["owner"], study.world.project, study.form)
    lines = verifying.lines_of(verifying.by_subject(counts), study.form)
    assert [(line.subject.number, line.tally.due) for line in lines] == [("BRO-001", 2), ("BRO-002", 1)]


def test_the_share_is_always_the_same_people() -> None:
    """A random share depends on the subject and the seed alone, and is about as large as it was asked to be."""
    subjects = [str(UUID(int=number)) for number in range(4000)]
    drawn = [rules.drawn(one, "seed", 20) for one in subjects]
    assert drawn == [rules.drawn(one, "seed", 20) for one in subjects]
    assert 700 < sum(drawn) < 900
    assert [rules.drawn(one, "other", 20) for one in subjects] != drawn
    assert all(rules.drawn(str(uuid4()), "seed", 100) for _ in range(100))


def test_a_share_grows_around_its_people() -> None:
    """Who is in a share of 10 % is in one of 30 % too: what was verified is not lost by planning more."""
    subjects = [str(UUID(int=number)) for number in range(1000)]
    assert all(rules.drawn(one, "s", 30) for one in subjects if rules.drawn(one, "s", 10))


def test_drawing_anew(study: Study) -> None:
    """The share changes only when it is drawn anew."""
    owner = study.world.user["owner"]
    services.plan_verification(owner, study.form, subjects="share", percent=20)
    seed = VerificationPlan.objects.get().seed
    services.plan_verification(owner, study.form, subjects="share", percent=30)
    assert VerificationPlan.objects.get().seed == seed
    services.plan_verification(owner, study.form, subjects="share", percent=30, draw_again=True)
    assert VerificationPlan.objects.get().seed != seed


def test_a_wrong_plan(study: Study) -> None:
    """A plan of fields that the form doesn't have, or of more than everybody, is refused."""
    owner = study.world.user["owner"]
    for wrong in ({"items": ["nobody"]}, {"percent": 101}, {"first": 0}, {"subjects": "some"}):
        with pytest.raises(Invalid):
            services.plan_verification(owner, study.form, **{"subjects": "all", **wrong})


@pytest.mark.parametrize("subjects", ["all", "none", "first", "share"])
def test_counts_of_records_that_were_there_before(study: Study, entry: Entry, subjects: str) -> None:
    """The migration counts what is there as each later act does, whatever the plan."""
    member = study.world.user["member"]
    for _ in range(4):
        later = services.include_subject(member, study.world.site_a)
        services.save_entry(member, later, study.form, 0, {"weight": "70", "sex": "2"})
    services.plan_verification(study.world.user["owner"], study.form, subjects=subjects, first=2, items=["sex"])
    services.verify_source(study.world.user["monitor"], entry, ["weight"])
    counts = VerificationCount.objects.order_by("pk").values()
    before = list(counts)
    VerificationCount.objects.all().delete()
    import_module("ecrf.migrations.0007_verification_counts").count(apps, connection.schema_editor())
    assert list(counts) == before
