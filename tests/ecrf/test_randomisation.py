"""Randomising: on what was saved, once, in the order of the table; and nobody who enters data knows what comes."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core.access.models import Site
from core.access.rules import Refused
from core.access.scope import Limits
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.notices.models import Notice
from ecrf import permissions, services
from ecrf.engine.randomisation import Arm, Plan
from ecrf.models import Allocation, Scheme, Slot
from ecrf.services import randomisation
from tests.ecrf.conftest import DICTIONARY, Study, publish
from tests.ecrf.trial import ARMS, draft, opened, person, randomised, ready


def codes(error: Any) -> set[tuple[str, str]]:
    return {(fault.place, fault.code) for fault in error.value.faults}


def test_a_table_is_drawn_for_every_stratum(study: Study) -> None:
    """Sex and site make four lists, each of twelve places at least, in whole blocks; arms and levels are sealed."""
    scheme = draft(study.world, study.form)
    places = randomisation.make_table(study.world.user["owner"], scheme)
    strata = scheme.table_strata.select_related("scheme")
    assert {tuple(stratum.levels.values()) for stratum in strata} == {(s, c) for s in "12" for c in ("BRO", "KER")}
    assert all(12 <= stratum.slots.count() < 18 for stratum in strata)
    assert places == scheme.slots.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT arm), count(*), min(length(arm)) FROM ecrf_slot")
        assert cursor.fetchone() == (places, places, len("A") + 43)  # sealed: no two arms look alike
    assert all(type(value) is not str for value in Slot.objects.values_list("arm", flat=True))


def test_places_are_taken_in_order(study: Study) -> None:
    """Each subject takes the first free place of his list; the list that was drawn is the list that was given."""
    scheme = opened(study.world, study.form)
    allocations = [randomised(study.world, scheme) for _subject in range(5)]
    assert [one.slot.position for one in allocations if one.slot] == [1, 2, 3, 4, 5]
    assert len({one.stratum_id for one in allocations}) == 1
    again = Allocation.objects.select_related("scheme").get(pk=allocations[0].pk)
    assert again.arm == Slot.objects.select_related("scheme").get(pk=again.slot_id).arm
    assert again.basis["levels"] == {"sex": "1", "site": "BRO"}
    man = randomised(study.world, scheme, sex="2")
    assert man.slot
    assert man.slot.position == 1


def test_a_subject_is_randomised_once(study: Study) -> None:
    """A second time is refused by the service, and by the database where somebody passed the service."""
    scheme = opened(study.world, study.form)
    first = randomised(study.world, scheme)
    with pytest.raises(Conflict) as caught:
        randomisation.randomise(study.world.user["member"], first.subject, scheme)
    assert caught.value.code == "randomised"
    with pytest.raises(DatabaseError), transaction.atomic():
        Allocation(scheme=scheme, subject=first.subject, arm="B", basis={}, by=study.world.user["owner"]).save()


def test_what_is_missing_is_told(study: Study) -> None:
    """A subject without complete pages or answers isn't randomised, and everything that is missing is named at once."""
    scheme = opened(study.world, study.form)
    member = study.world.user["member"]
    with pytest.raises(Invalid) as caught:
        randomisation.randomise(member, study.subject, scheme)
    assert codes(caught) == {("", "page_incomplete"), ("", "factor_missing")}
    services.save_entry(member, study.subject, study.form, 0, {"sex": "1"})
    with pytest.raises(Invalid) as caught:
        randomisation.randomise(member, study.subject, scheme)
    assert codes(caught) == {("", "page_incomplete")}
    assert not Allocation.objects.exists()


def test_only_who_is_eligible(study: Study) -> None:
    """The condition is evaluated on the server with the form's calculations; what is unknown isn't eligible."""
    scheme = opened(study.world, study.form, condition="[bmi] < 35 and [sex] = '1'")
    thin = {"weight": "60", "height": "170"}
    for values in ({}, {"weight": "150", "height": "160"}, {**thin, "sex": "2"}):
        with pytest.raises(Invalid) as caught:
            randomised(study.world, scheme, **values)
        assert codes(caught) == {("", "not_eligible")}
    assert randomised(study.world, scheme, **thin).arm in "AB"


def test_a_condition_that_the_form_lost(study: Study) -> None:
    """Where a later version no longer has what the condition reads, nobody is randomised by mistake."""
    scheme = opened(study.world, study.form, condition="[weight] > 40")
    lines = [line for line in DICTIONARY.decode().splitlines() if not line.startswith(("weight", "bmi", "alert"))]
    publish(study.world, "\n".join([*lines, ""]).encode(), form=study.form)
    with pytest.raises(Conflict) as caught:
        randomised(study.world, scheme)
    assert caught.value.code == "condition_lost"


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        ({"name": " "}, {("name", "required")}),
        ({"plan": Plan(ARMS, sizes=(5,))}, {("sizes", "size_breaks_ratio")}),
        ({"strata": ["weight", "nobody"]}, {("strata", "no_factor")}),
        ({"strata": ["sex", "sex"]}, {("strata", "factor_twice")}),
        ({"condition": "[nobody] = 1"}, {("eligibility", "unknown_variable")}),
        ({"condition": "[weight"}, {("eligibility", "unreadable_logic")}),
        (
            {"plan": Plan(ARMS[:1], weights={"age": Fraction(2)}), "method": "minimisation", "strata": []},
            {("arms", "number_of_arms"), ("weights", "weight_of_nothing"), ("probability", "bad_probability")},
        ),
    ],
)
def test_schemes_that_make_no_sense(study: Study, options: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    """A scheme that can't work is refused whole, with every fault at its field."""
    with pytest.raises(Invalid) as caught:
        draft(study.world, study.form, **options)
    assert codes(caught) == faults
    assert not Scheme.objects.exists()


def test_two_schemes_of_one_name(study: Study) -> None:
    """A name stands for one scheme of a project."""
    draft(study.world, study.form)
    with pytest.raises(Invalid) as caught:
        draft(study.world, study.form)
    assert codes(caught) == {("name", "taken")}


def test_an_open_scheme_never_changes(study: Study) -> None:
    """PostgreSQL refuses to change the scheme, its table, an allocation or an unblinding, and to delete them."""
    scheme = opened(study.world, study.form, blinded=True)
    allocation = randomised(study.world, scheme)
    randomisation.unblind(study.world.user["member"], allocation, "Allergic reaction")
    for statement in (
        "UPDATE ecrf_scheme SET blinded = false",
        "UPDATE ecrf_scheme SET status = 'draft', opened_at = NULL",
        "UPDATE ecrf_scheme SET seed = NULL",
        "UPDATE ecrf_scheme SET length = 1",
        "UPDATE ecrf_slot SET position = position + 100",
        "UPDATE ecrf_stratum SET number = number + 100",
        "DELETE FROM ecrf_slot WHERE position = 9",
        "UPDATE ecrf_allocation SET kit = 'x'",
        "DELETE FROM ecrf_unblinding",
        "UPDATE ecrf_unblinding SET reason = 'x'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    randomisation.close_scheme(study.world.user["owner"], scheme, "Recruitment is over")


def test_closed_and_open_again(study: Study) -> None:
    """A closed scheme randomises nobody; opened again it goes on at the next place."""
    owner, scheme = study.world.user["owner"], opened(study.world, study.form)
    randomised(study.world, scheme)
    randomisation.close_scheme(owner, scheme, "Safety board")
    with pytest.raises(Conflict) as caught:
        randomised(study.world, scheme)
    assert caught.value.code == "not_open"
    randomisation.reopen_scheme(owner, scheme)
    last = randomised(study.world, scheme)
    assert last.slot
    assert last.slot.position == 2
    with pytest.raises(Conflict):
        randomisation.discard_scheme(owner, scheme)


def test_a_draft_goes_with_its_table(study: Study) -> None:
    """A draft randomises nobody, can't be opened without its table, is drawn anew at will, and can be thrown away."""
    owner, scheme = study.world.user["owner"], draft(study.world, study.form)
    with pytest.raises(Conflict) as caught:
        randomisation.open_scheme(owner, scheme)
    assert caught.value.code == "table_missing"
    randomisation.make_table(owner, scheme)
    randomisation.make_table(owner, scheme)
    with pytest.raises(Conflict):
        randomised(study.world, scheme)
    randomisation.discard_scheme(owner, scheme)
    assert not Slot.objects.exists()
    with pytest.raises(Conflict) as caught:
        randomisation.open_scheme(owner, scheme)
    assert caught.value.code == "gone"


def test_a_list_that_is_used_up(study: Study) -> None:
    """Managers are told before, and at the last place; then it is refused in words, until the list is made longer."""
    plan = Plan(ARMS, sizes=(10,))
    scheme = opened(study.world, study.form, plan=plan, length=20, strata=[], by_site=False)
    for _subject in range(20):
        randomised(study.world, scheme)
    told = Counter(Notice.objects.values_list("kind", "user__email"))
    owner = study.world.user["owner"]
    assert told == {("ecrf.places_run_out", owner.email): 1, ("ecrf.places_used_up", owner.email): 1}
    with pytest.raises(Conflict) as caught:
        randomised(study.world, scheme)
    assert caught.value.code == "exhausted"
    before = list(Slot.objects.select_related("scheme").order_by("position"))
    assert randomisation.extend_table(owner, scheme, 40) == 20
    after = list(Slot.objects.select_related("scheme").order_by("position"))
    assert [slot.arm for slot in after[:20]] == [slot.arm for slot in before]
    assert Counter(slot.arm for slot in after) == {"A": 20, "B": 20}
    assert randomised(study.world, scheme).slot == after[20]
    with pytest.raises(Invalid) as caught_shorter:
        randomisation.extend_table(owner, scheme, 30)
    assert codes(caught_shorter) == {("length", "table_not_longer")}


def test_a_site_that_joins_later(study: Study) -> None:
    """Subjects of a site that joined after the opening are refused, until the table was extended to it."""
    world, scheme = study.world, opened(study.world, study.form)
    site = Site.objects.create(project=world.project, code="QUI", name="CH de Quimper")
    subject = services.include_subject(world.user["owner"], site)
    sent = {"visit_date": "2026-01-05", "sex": "1"}
    services.save_entry(world.user["owner"], subject, study.form, 0, sent, complete={"visite": True})
    with pytest.raises(Conflict):
        randomisation.randomise(world.user["owner"], subject, scheme)
    randomisation.extend_table(world.user["owner"], scheme, 12)
    assert randomisation.randomise(world.user["owner"], subject, scheme).slot


def test_unequal_arms(study: Study) -> None:
    """Two in the first arm for one in the second, exactly, at the end of each block."""
    plan = Plan((Arm("A", "New", 2), Arm("B", "Old", 1)), sizes=(3,))
    scheme = opened(study.world, study.form, plan=plan, length=6, strata=[], by_site=False)
    arms = [randomised(study.world, scheme).arm for _subject in range(6)]
    assert Counter(arms[:3]) == Counter(arms[3:]) == {"A": 2, "B": 1}


def test_minimisation(study: Study) -> None:
    """Each arm follows from the seed and all who came before; what it was drawn on is kept, and sealed."""
    plan = Plan(ARMS, probability=Fraction(1))
    scheme = opened(study.world, study.form, method="minimisation", plan=plan, blinded=True)
    allocations = [randomised(study.world, scheme, sex=str(1 + number % 2)) for number in range(8)]
    assert Counter(one.arm for one in allocations) == {"A": 4, "B": 4}
    assert len({one.kit for one in allocations}) == 8
    assert {one.basis["preferred"] for one in allocations} == {"A", "B"}
    assert not Slot.objects.exists()


def test_an_uploaded_table(study: Study) -> None:
    """Somebody who enters no data brings the table; a bad one is refused whole, with the wrong cells."""
    statistician = person(study.world, "controller")
    scheme = draft(study.world, study.form, method="uploaded", blinded=True, by_site=False)
    bad = b"arm,kit,sex\nA,100,1\nC,101,1\nB,100,3\n"
    with pytest.raises(Invalid) as caught:
        randomisation.upload_table(statistician, scheme, bad, source="table.csv")
    assert codes(caught) == {
        ("row 3, arm", "unknown_arm"),
        ("row 4, kit", "kit_twice"),
        ("row 4, sex", "unknown_level"),
    }
    assert not Slot.objects.exists()
    good = b"arm,kit,sex\nB,200,1\nA,201,1\n"
    remarks = randomisation.upload_table(statistician, scheme, good, source="table.csv")
    assert [remark.code for remark in remarks] == ["stratum_without_rows"]
    scheme = randomisation.open_scheme(study.world.user["owner"], scheme)
    first = randomised(study.world, scheme)
    assert (first.arm, first.kit) == ("B", "200")


def test_nobody_who_enters_data_knows_what_comes(study: Study) -> None:
    """The table is read, brought or seeded only by who manages it and enters nothing; each reading is recorded."""
    world, scheme = study.world, draft(study.world, study.form)
    statistician = person(world, "controller")
    randomisation.make_table(world.user["owner"], scheme)
    for who in ("owner", "member", "monitor", "researcher", "administrator", "stranger"):
        with pytest.raises(Refused):
            randomisation.read_table(world.user[who], scheme)
        with pytest.raises(Refused):
            randomisation.make_table(world.user[who], scheme, seed="chosen")
        with pytest.raises(Refused):
            randomisation.upload_table(world.user[who], scheme, b"", source="x.csv")
    randomisation.make_table(statistician, scheme, seed="chosen")
    table = randomisation.read_table(statistician, scheme)
    assert table.startswith("arm,kit,sex,site\n")
    assert Event.objects.filter(action="ecrf.table_read", actor_id=statistician.pk).count() == 1
    randomisation.make_table(statistician, scheme, seed="chosen")
    assert sorted(randomisation.read_table(statistician, scheme).splitlines()) == sorted(table.splitlines())


def test_a_token_is_still_in_its_owners_hand(study: Study) -> None:
    """Who enters data doesn't read the table by a token that may do nothing but manage the randomisation."""
    owner, scheme = study.world.user["owner"], opened(study.world, study.form)
    owner.limits = Limits(study.world.project.pk, frozenset({permissions.MANAGE_RANDOMISATION, permissions.READ}))
    with pytest.raises(Refused):
        randomisation.read_table(owner, scheme)


@pytest.mark.parametrize("who", ["member", "monitor", "researcher", "administrator", "stranger"])
def test_who_may_manage(study: Study, who: str) -> None:
    """Making, drawing, opening, closing and extending a scheme is for those who manage the randomisation."""
    actor, scheme = study.world.user[who], draft(study.world, study.form)
    plan = Plan(ARMS, sizes=(4,))
    for act in (
        lambda: randomisation.make_scheme(actor, study.form, "Autre", plan, method="blocks", length=4),
        lambda: randomisation.make_table(actor, scheme),
        lambda: randomisation.open_scheme(actor, scheme),
        lambda: randomisation.close_scheme(actor, scheme),
        lambda: randomisation.extend_table(actor, scheme, 40),
        lambda: randomisation.discard_scheme(actor, scheme),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize("who", ["other_site", "monitor", "researcher", "administrator", "stranger"])
def test_who_may_randomise(study: Study, who: str) -> None:
    """A subject is randomised at his site, by who may; others are refused, and take no place."""
    scheme, subject = opened(study.world, study.form), ready(study.world, study.form)
    with pytest.raises(Refused):
        randomisation.randomise(study.world.user[who], subject, scheme)
    assert not Allocation.objects.exists()
    assert randomisation.randomise(study.world.user["member"], subject, scheme).slot
