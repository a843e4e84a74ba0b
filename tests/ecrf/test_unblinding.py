"""Blinding and unblinding: who sees an arm, who may have it revealed, and who is told."""

from __future__ import annotations

import pytest

from core.access.rules import Refused
from core.access.scope import Limits
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.notices.models import Notice
from ecrf import blinding, permissions
from ecrf.models import Allocation, Unblinding
from ecrf.services import randomisation
from tests.ecrf.conftest import Study
from tests.ecrf.trial import granted, opened, person, randomised

REASON = "Serious reaction, antidote needed"


@pytest.fixture
def allocation(study: Study) -> Allocation:
    return randomised(study.world, opened(study.world, study.form, blinded=True))


def seen_by(study: Study, allocation: Allocation) -> set[str]:
    return {who for who in ("owner", "member", "monitor") if blinding.sees_arm(study.world.user[who], allocation)}


def test_blinded_arms_are_seen_by_nobody(study: Study, allocation: Allocation) -> None:
    """By default no role sees an arm of a blinded trial: people see a kit number, which is on the box."""
    assert seen_by(study, allocation) == set()
    assert len(allocation.kit) == 5


def test_open_arms_are_seen(study: Study) -> None:
    """In an open-label trial who reads the record knows the arm."""
    allocation = randomised(study.world, opened(study.world, study.form))
    assert seen_by(study, allocation) == {"owner", "member", "monitor"}
    assert allocation.kit == ""


def test_a_named_person_sees_them(study: Study, allocation: Allocation) -> None:
    """A pharmacist who was given the permission sees the arms of the blinded trial."""
    pharmacist = person(study.world, "monitor", "pharmacist@demo.example")
    assert not blinding.sees_arm(pharmacist, allocation)
    granted(study.world, pharmacist, permissions.READ, permissions.SEE_ALLOCATIONS)
    assert blinding.sees_arm(pharmacist, allocation)


def test_an_emergency(study: Study, allocation: Allocation) -> None:
    """Who unblinds sees the arm, and nobody else by that; the managers are told at once, the journal says why."""
    randomisation.unblind(study.world.user["member"], allocation, REASON)
    assert seen_by(study, allocation) == {"member"}
    notice = Notice.objects.get(kind="ecrf.subject_unblinded")
    assert (notice.user, notice.urgent) == (study.world.user["owner"], True)
    assert "BRO" not in str(notice.details)
    event = Event.objects.get(action="ecrf.subject_unblinded")
    assert (event.reason, event.details["unblinding"]) == (REASON, "emergency")
    assert not {"A", "B"} & {str(value) for value in event.details.values()}


@pytest.mark.parametrize("reason", ["", "   ", "short", "x" * 501])
def test_a_reason_is_needed(study: Study, allocation: Allocation, reason: str) -> None:
    """Nothing is revealed without a reason of some words."""
    with pytest.raises(Invalid) as caught:
        randomisation.unblind(study.world.user["member"], allocation, reason)
    assert [fault.place for fault in caught.value.faults] == ["reason"]
    assert not Unblinding.objects.exists()


@pytest.mark.parametrize("who", ["other_site", "monitor", "researcher", "administrator", "stranger"])
def test_who_may_unblind(study: Study, allocation: Allocation, who: str) -> None:
    """Who doesn't treat subjects at this site, or manage the trial, has nothing revealed."""
    with pytest.raises(Refused):
        randomisation.unblind(study.world.user[who], allocation, REASON)


def test_a_program_unblinds_nobody(study: Study, allocation: Allocation) -> None:
    """A token never has an arm revealed, whatever it was made for: it can't be asked who it is."""
    member = study.world.user["member"]
    member.limits = Limits(study.world.project.pk, frozenset({permissions.UNBLIND, permissions.READ}))
    with pytest.raises(Refused):
        randomisation.unblind(member, allocation, REASON)
    assert not Unblinding.objects.exists()


def test_nothing_to_unblind(study: Study) -> None:
    """In an open-label trial there is nothing to reveal."""
    allocation = randomised(study.world, opened(study.world, study.form))
    with pytest.raises(Conflict) as caught:
        randomisation.unblind(study.world.user["member"], allocation, REASON)
    assert caught.value.code == "not_blinded"


def test_who_sees_counts(study: Study) -> None:
    """Managers see what is left of each list, who only reads does in an open-label trial, who enters data never."""
    blinded = opened(study.world, study.form, blinded=True)
    label = opened(study.world, study.form, name="Ouvert")
    user = study.world.user
    sees = {(who, scheme.name): (blinding.sees_counts(user[who], scheme), blinding.sees_arm_counts(user[who], scheme))
            for who in ("owner", "member", "monitor", "stranger") for scheme in (blinded, label)}  # fmt: skip
    assert sees == {
        ("owner", "Essai"): (True, False),
        ("owner", "Ouvert"): (True, True),
        ("member", "Essai"): (False, False),
        ("member", "Ouvert"): (False, False),
        ("monitor", "Essai"): (False, False),
        ("monitor", "Ouvert"): (True, True),
        ("stranger", "Essai"): (False, False),
        ("stranger", "Ouvert"): (False, False),
    }
