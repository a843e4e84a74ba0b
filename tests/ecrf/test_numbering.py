"""Subjects are numbered by the study's rule, and their arm says which events they have."""

from __future__ import annotations

from typing import Any

import pytest

from core import access
from core.access.demo import World
from core.errors import Conflict, Invalid
from ecrf import services
from ecrf.engine.numbering import Rule
from ecrf.models import Entry, Form, NumberCount, Subject
from ecrf.services.arms import arms_of
from tests.ecrf import trial, visits


def include(world: World, who: str = "member", **more: str) -> str:
    site = world.site_a if who == "member" else world.site_b
    return services.include_subject(world.user[who], site, **more).number


def test_without_a_rule_each_site_counts_to_three_digits(world: World) -> None:
    """Studies that were there before have the rule that they always had."""
    assert [include(world), include(world), include(world, "other_site")] == ["BRO-001", "BRO-002", "KER-001"]


def test_a_rule_holds_for_those_who_come_later(world: World) -> None:
    """Who has a number keeps it; the new rule counts for the study, and passes what is taken already."""
    before = include(world)
    services.set_numbering(world.user["owner"], world.project, Rule("S{sequence:03}", per_site=False))
    Subject.objects.filter(number=before).update(number="S002")
    assert [include(world), include(world, "other_site")] == ["S001", "S003"]


def test_no_number_comes_twice_even_where_one_goes(world: World) -> None:
    """A count never goes back, whatever becomes of the subject that had its last number."""
    services.set_numbering(world.user["owner"], world.project, Rule("S{sequence:03}", per_site=False))
    first = include(world)
    Subject.objects.filter(number=first).delete()
    assert include(world) == "S002"
    assert NumberCount.objects.get().last == 2


def test_a_typed_number_is_checked_and_unique(world: World) -> None:
    """Where numbers are typed, each one fits, has its check digit, and is nobody else's."""
    rule = Rule("{site}-{sequence:03}", check="luhn", typed=True, typed_pattern="[0-9]{11}")
    services.set_numbering(world.user["owner"], world.project, rule)
    assert include(world, number=" 79927398713 ") == "79927398713"
    for number, code in (
        ("", "required"),
        ("7992739871", "number_pattern"),
        ("79927398710", "number_check"),
        ("79927398713", "number_taken"),
    ):
        with pytest.raises(Invalid) as refused:
            include(world, number=number)
        assert [fault.code for fault in refused.value.faults] == [code]


def test_a_number_is_not_typed_where_the_rule_gives_it(world: World) -> None:
    """Nobody chooses a number that the suite would give to another."""
    with pytest.raises(Invalid):
        include(world, number="BRO-099")


@pytest.mark.parametrize("who", ["member", "monitor", "stranger"])
def test_others_may_not_change_the_rule(world: World, who: str) -> None:
    """The rule is for who designs the study."""
    with pytest.raises(access.Refused):
        services.set_numbering(world.user[who], world.project, Rule("{site}{sequence}"))


@pytest.fixture
def two_arms(world: World) -> Form:
    """A trial with two arms: the visit after one month is of the first only."""
    arms = [{"key": key, "title": visits.words(key, key)} for key in ("usual", "new")]
    first, second, during = visits.TRIAL["events"]
    data: dict[str, Any] = {**visits.TRIAL, "arms": arms, "events": [first, {**second, "arms": ["usual"]}, during]}
    data["pages"] = [*data["pages"], SEX]
    data["events"][0] = {**first, "pages": ["exam", "sex_page"]}
    return visits.publish(world, data)


SEX = {
    "key": "sex_page",
    "title": visits.words("Sexe", "Sex"),
    "groups": [{"items": [visits.yes_no("sex", visits.words("Femme", "Woman"))]}],
}
MAPPED = {"A": "usual", "B": "new"}


def test_an_open_allocation_sets_the_arm(world: World, two_arms: Form) -> None:
    """Who is randomised without blinding has the events of his arm at once."""
    scheme = trial.opened(world, two_arms, form_arms=MAPPED)
    subject = services.include_subject(world.user["member"], world.site_a)
    sheet = Entry(event="inclusion", page="", instance=1).sheet
    services.save_entry(
        world.user["member"], subject, two_arms, 0, {"sex": "1"}, sheet=sheet, complete={"sex_page": True}
    )
    given = trial.randomisation.randomise(world.user["member"], subject, scheme)
    subject.refresh_from_db()
    assert subject.arm == MAPPED[given.arm]
    with pytest.raises(Conflict):
        services.set_arm(world.user["owner"], subject, "usual", "Erreur")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"form_arms": MAPPED, "blinded": True}, "arms_of_blinded"),
        ({"form_arms": {"A": "usual"}}, "arms_not_all"),
        ({"form_arms": {"A": "usual", "B": "other"}}, "arm_unknown"),
    ],
)
def test_a_scheme_that_would_unblind_is_refused(
    world: World, two_arms: Form, options: dict[str, Any], code: str
) -> None:
    """A blinded scheme sets no arm, and another says it for each of its arms or for none."""
    with pytest.raises(Invalid) as refused:
        trial.draft(world, two_arms, **options)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_an_arm_set_by_hand_keeps_what_was_entered(world: World, two_arms: Form) -> None:
    """With a reason; records of events that the arm doesn't have are kept, and named."""
    assert list(arms_of(world.project)) == ["usual", "new"]
    subject = services.include_subject(world.user["member"], world.site_a)
    sheet = Entry(event="month_1", page="", instance=1).sheet
    entry = services.save_entry(world.user["member"], subject, two_arms, 0, {"weight": "80"}, sheet=sheet).entry
    with pytest.raises(Invalid):
        services.set_arm(world.user["owner"], subject, "new", " ")
    with pytest.raises(access.Refused):
        services.set_arm(world.user["member"], subject, "new", "Erreur")
    assert services.set_arm(world.user["owner"], subject, "new", "Erreur à l’inclusion") == [entry]
    entry.refresh_from_db()
    assert (entry.values["weight"], entry.removed_at) == ("80", None)


def test_the_arm_may_stand_in_the_number(world: World, two_arms: Form) -> None:
    """Then whoever includes says it, and each arm counts for itself."""
    services.set_numbering(world.user["owner"], world.project, Rule("{site}-{arm}-{sequence:02}"))
    assert [include(world, arm="usual"), include(world, arm="new")] == ["BRO-usual-01", "BRO-new-01"]
    with pytest.raises(Invalid):
        include(world)
