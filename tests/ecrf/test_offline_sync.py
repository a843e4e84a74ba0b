"""What was entered offline comes back: each piece of work once, in its order, merged field by field, and none lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from core.access.demo import World
from core.access.models import Membership
from core.access.rules import Refused
from core.audit.models import Event
from core.errors import Conflict, Invalid
from ecrf import packing, services
from ecrf.engine import Sheet
from ecrf.engine.numbering import Rule
from ecrf.models import Entry, Fragment, OfflineFragment, Query, Signature, Subject
from ecrf.services import offline
from ecrf.services.numbering import set_numbering
from tests.ecrf.conftest import Study, dictionary, publish
from tests.ecrf.visits import publish as publish_trial

pytestmark = pytest.mark.django_db
NUMBERS = count(1)


def ulid() -> str:
    return f"01{next(NUMBERS):024d}"


@dataclass
class Pocket:
    """A device of the clinician's with the subject of site A on it."""

    study: Study
    device: Any
    last: dict[Any, str] = field(default_factory=dict)

    def piece(self, values: Any = None, **more: Any) -> dict[str, Any]:
        sheet = (more.get("subject"), more.get("event"), more.get("page"), more.get("instance"))
        said = {
            "id": ulid(),
            "kind": "entry",
            "previous": self.last.get(sheet, ""),
            "subject": str(self.study.subject.pk),
            "form": self.study.form.key,
            "version": 1,
            "values": values or {},
            "said_at": timezone.now().isoformat(),
            **more,
        }
        self.last[sheet] = said["id"]
        return said

    def send(self, *pieces: dict[str, Any], who: str = "member", **more: Any) -> list[dict[str, Any]]:
        actor = self.study.world.user[who]
        return offline.sync(actor, self.device, offline.read_batch(list(pieces)), **more)

    def state(self, *pieces: dict[str, Any], **more: Any) -> list[str]:
        return [answer["state"] for answer in self.send(*pieces, **more)]


@pytest.fixture
def pocket(study: Study) -> Pocket:
    device = offline.register(study.world.user["member"], study.world.project, "Tablette du service")
    offline.take(study.world.user["member"], device, [study.subject])
    return Pocket(study, device)


def values() -> Any:
    return Entry.objects.select_related("subject__project").get().values


def elsewhere(study: Study, base: int, changed: dict[str, Any], who: str = "owner", **more: Any) -> Any:
    """What somebody else saves meanwhile."""
    return services.save_entry(study.world.user[who], study.subject, study.form, base, changed, **more).entry


def test_saved_once(pocket: Pocket) -> None:
    """A piece of work is in the record with the moment of the device; sent again it changes nothing, same answer."""
    piece = pocket.piece({"sex": "2"})
    first = pocket.send(piece)
    assert (first[0]["state"], first[0]["revision"]) == ("applied", 1)
    assert pocket.send(piece) == first
    fragment = Fragment.objects.get()
    assert fragment.said_at is not None
    assert (fragment.source, fragment.said_at.isoformat()) == ("offline", piece["said_at"])
    assert OfflineFragment.objects.select_related("project").get().content is None


def test_order(pocket: Pocket) -> None:
    """Pieces that come in another order are done in theirs; one whose predecessor hasn't come waits."""
    first, second, third = (pocket.piece({"weight": str(weight)}) for weight in (70, 71, 72))
    second["base"], third["base"] = {"values": {"weight": "70"}}, {"values": {"weight": "71"}}
    assert pocket.state(third) == ["pending"]
    assert pocket.state(third, first) == ["pending", "applied"]
    assert pocket.state(third, second) == ["applied", "applied"]
    assert values()["weight"] == "72"
    assert Query.objects.count() == 0


def test_disjoint_fields(pocket: Pocket) -> None:
    """What others changed elsewhere on the page stays, and so does what was entered offline."""
    elsewhere(pocket.study, 0, {"height": "160"})
    assert pocket.state(pocket.piece({"weight": "80"})) == ["applied"]
    assert (values()["height"], values()["weight"]) == ("160", "80")


def test_a_conflict_becomes_a_query(pocket: Pocket) -> None:
    """A field that both changed keeps the server's value; the other is in a query, in words, for the site."""
    elsewhere(pocket.study, 0, {"sex": "1", "weight": "75"})
    answer = pocket.send(pocket.piece({"sex": "2", "weight": "75"}))[0]
    assert (answer["state"], answer["conflicts"], answer["queries"]) == ("merged", ["sex"], 1)
    assert values()["sex"] == "1"
    query = Query.objects.select_related("entry__subject__project").get()
    assert (query.kind, query.item, query.value) == ("merge", "sex", "1")
    text = query.messages.select_related("query__entry__subject__project").get().text
    assert "Homme" in text
    assert "Femme" in text
    event = Event.objects.get(action="ecrf.offline_conflict")
    assert event.details["fields"] == ["sex"]
    kept = OfflineFragment.objects.select_related("project").get()
    assert kept.content["values"]["sex"] == "2"


def test_locked_then_unlocked(pocket: Pocket) -> None:
    """Work on a record that was locked is set aside, and saved once who may unlock has done so."""
    study = pocket.study
    entry = elsewhere(study, 0, {"height": "160"})
    services.lock_entry(study.world.user["owner"], entry)
    answer = pocket.send(pocket.piece({"weight": "80"}))[0]
    assert (answer["state"], answer["code"]) == ("aside", "locked")
    receipt = OfflineFragment.objects.get()
    with pytest.raises(Conflict):
        offline.apply_again(study.world.user["owner"], receipt)
    services.unlock_entry(study.world.user["owner"], entry, "Saisie hors ligne")
    assert offline.apply_again(study.world.user["owner"], receipt).state == "settled"
    assert values()["weight"] == "80"
    assert pocket.send(pocket.piece({}, previous=receipt.ulid))[0]["state"] == "applied"
    with pytest.raises(Conflict):
        offline.drop(study.world.user["owner"], receipt, "Doublon")


def test_removed_and_dropped(pocket: Pocket) -> None:
    """Work on a record that was removed is set aside; discarded with a reason only, read with a trace only."""
    study = pocket.study
    services.remove_entry(study.world.user["owner"], elsewhere(study, 0, {"height": "160"}), "Doublon")
    assert pocket.send(pocket.piece({"weight": "80"}))[0]["code"] == "removed"
    receipt = OfflineFragment.objects.select_related("project", "site", "device").get()
    with pytest.raises(Refused):
        offline.read_aside(study.world.user["member"], receipt)
    assert offline.read_aside(study.world.user["owner"], receipt).mine.values == {"weight": "80"}
    with pytest.raises(Invalid):
        offline.drop(study.world.user["owner"], receipt, " ")
    assert offline.drop(study.world.user["owner"], receipt, "Sujet en double").state == "dropped"


def test_signed(world: World) -> None:
    """Work on a signed page is saved, and undoes the signature as any change does."""
    form = publish_trial(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    study = Study(world, form, subject, subject)
    device = offline.register(world.user["member"], world.project, "Tablette")
    offline.take(world.user["member"], device, [subject])
    sheet = Sheet("inclusion")
    done = services.save_entry(
        world.user["owner"], subject, form, 0, {"weight": "70", "lactate": "2"}, sheet=sheet, complete={"exam": True}
    )
    services.sign(world.user["owner"], done.entry, page="exam", revision=1)
    pocket = Pocket(study, device)
    piece = pocket.piece({"weight": "71"}, event="inclusion", base={"values": {"weight": "70"}})
    assert pocket.state(piece) == ["applied"]
    assert Signature.objects.get().undone_at is not None


def test_a_newer_version(pocket: Pocket) -> None:
    """A value that the form doesn't ask any more is kept beside those that it does, under its name."""
    study = pocket.study
    publish(study.world, dictionary("weight,Visite,,text,Poids,,,number,,,,,,,,,,"), form=study.form, title="")
    assert pocket.state(pocket.piece({"weight": "80", "sex": "2"})) == ["applied"]
    assert (values()["weight"], values()["sex"]) == ("80", "2")
    assert sorted(Fragment.objects.get().keys) == ["record_id", "sex", "weight"]


def test_crafted(pocket: Pocket) -> None:
    """Calculations, unknown fields and impossible values never get in; what is right beside them does."""
    sent = {"bmi": "99", "weight": "heavy", "nothing": "1", "height": "170"}
    answer = pocket.send(pocket.piece(sent))[0]
    assert answer["state"] == "partly"
    assert {one["place"] for one in answer["left"]} == {"bmi", "weight", "nothing"}
    assert "heavy" not in str(answer)
    assert {key: value for key, value in values().items() if key in sent} == {"height": "170"}


def test_of_others(pocket: Pocket) -> None:
    """A subject who wasn't taken on the device, another study's form, a version that never was: refused, not kept."""
    study = pocket.study
    refused = [
        pocket.piece({"sex": "1"}, subject=str(study.elsewhere.pk)),
        pocket.piece({"sex": "1"}, form="unknown", previous=""),
        pocket.piece({"sex": "1"}, version=7, previous=""),
    ]
    assert [answer["code"] for answer in pocket.send(*refused)] == ["not_taken", "unknown_form", "unknown_version"]
    assert OfflineFragment.objects.count() == Entry.objects.count() == 0


def test_no_permission_any_more(pocket: Pocket) -> None:
    """Who was moved to another site loses nothing: his work is set aside, for who manages the records of the first."""
    study = pocket.study
    mine = Membership.objects.get(user=study.world.user["member"], project=study.world.project)
    mine.sites.set([study.world.site_b])
    answer = pocket.send(pocket.piece({"weight": "80"}))[0]
    assert (answer["state"], answer["code"]) == ("aside", "forbidden")
    assert OfflineFragment.objects.visible_to(study.world.user["owner"]).count() == 1
    assert OfflineFragment.objects.visible_to(study.world.user["member"]).count() == 0
    receipt = OfflineFragment.objects.get()
    offline.apply_again(study.world.user["owner"], receipt)
    fragment = Fragment.objects.get()
    assert fragment.author == study.world.user["owner"]
    assert str(study.world.user["member"]) in fragment.reason


def test_included_offline(pocket: Pocket) -> None:
    """A subject included offline gets the next number; what was entered for him follows, also in another order."""
    inclusion = {"id": ulid(), "kind": "subject", "site": pocket.study.world.site_a.code}
    piece = pocket.piece({"sex": "1"}, subject=inclusion["id"])
    answers = pocket.send(piece, inclusion)
    assert [one["state"] for one in answers] == ["applied", "applied"]
    assert {one["number"] for one in answers} == {"BRO-002"}
    assert pocket.send(inclusion, piece)[0]["number"] == "BRO-002"
    assert Subject.objects.filter(site=pocket.study.world.site_a).count() == 2
    closed = {"id": ulid(), "kind": "subject", "site": pocket.study.world.site_b.code}
    told = pocket.send(closed, pocket.piece({"sex": "1"}, subject=closed["id"]))
    assert [one["code"] for one in told] == ["forbidden", "subject_aside"]


def test_included_offline_where_numbers_are_typed(pocket: Pocket) -> None:
    """What was begun before the study typed its numbers is set aside with the reason; nothing is offered any more."""
    world = pocket.study.world
    set_numbering(world.user["owner"], world.project, Rule("{sequence:3}", per_site=False, typed=True))
    inclusion = {"id": ulid(), "kind": "subject", "site": world.site_a.code}
    told = pocket.send(inclusion, pocket.piece({"sex": "1"}, subject=inclusion["id"]))
    assert [(one["state"], one["code"]) for one in told] == [("aside", "number"), ("aside", "subject_aside")]
    assert packing.situation(world.user["member"], world.project, pocket.device)["sites"] == []


def test_copies_with_the_same_number(world: World) -> None:
    """Two adverse events begun at once, here and offline, stay two; what follows the second goes to it."""
    form = publish_trial(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    device = offline.register(world.user["member"], world.project, "Tablette")
    offline.take(world.user["member"], device, [subject])
    there = Sheet("during", "ae", 1)
    services.save_entry(world.user["owner"], subject, form, 0, {"term": "Chute"}, sheet=there)
    pocket = Pocket(Study(world, form, subject, subject), device)
    begun = pocket.piece({"term": "Rash"}, event="during", page="ae", instance=1, new=True)
    base = {"values": {"term": "Rash"}}
    more = pocket.piece({"term": "Rash diffus"}, event="during", page="ae", instance=1, new=True, base=base)
    assert [one["instance"] for one in pocket.send(begun, more)] == [2, 2]
    found = Entry.objects.select_related("subject__project").order_by("instance")
    assert [entry.values["term"] for entry in found] == ["Chute", "Rash diffus"]


@pytest.mark.parametrize(("hours", "off"), [(0, False), (30, True), (-30, True)])
def test_a_wrong_clock(pocket: Pocket, hours: int, off: bool) -> None:
    """The device's word is kept as it is; what counts lies between its check-out and now, and the fault is marked."""
    said = timezone.now() + timedelta(hours=hours)
    pocket.send(pocket.piece({"weight": "80"}, said_at=said.isoformat()), sent_at=said)
    receipt, fragment = OfflineFragment.objects.get(), Fragment.objects.get()
    assert receipt.said_at == said
    assert fragment.said_at is not None
    assert pocket.device.created_at <= fragment.said_at <= timezone.now()
    assert (abs(receipt.clock_off) > 3600) is off
    assert ("clock_off" in Event.objects.get(action="ecrf.offline_synced").details) is off


def test_revoked(pocket: Pocket) -> None:
    """A revoked device gets nothing, and what it still sends is set aside."""
    owner, member = pocket.study.world.user["owner"], pocket.study.world.user["member"]
    with pytest.raises(Refused):
        offline.revoke(pocket.study.world.user["other_site"], pocket.device)
    offline.revoke(owner, pocket.device, "Volée")
    with pytest.raises(Conflict):
        offline.take(member, pocket.device, [pocket.study.subject])
    assert pocket.send(pocket.piece({"weight": "80"}))[0]["code"] == "revoked"
    assert offline.apply_again(owner, OfflineFragment.objects.get()).state == "settled"
    assert values()["weight"] == "80"


def test_rescued(pocket: Pocket) -> None:
    """The rescue file of a device is sent by a manager in its owner's name; by nobody else."""
    piece = pocket.piece({"weight": "80"})
    with pytest.raises(Refused):
        pocket.send(piece, who="monitor")
    assert pocket.state(piece, who="owner") == ["applied"]
    assert str(pocket.study.world.user["member"]) in Fragment.objects.get().reason
    assert Event.objects.get(action="ecrf.outbox_rescued").details["fragments"] == 1
    assert pocket.state(piece) == ["applied"]
    assert Fragment.objects.count() == 1


def test_limits(pocket: Pocket) -> None:
    """A device holds no more subjects than the study allows, and only for so many days."""
    world = pocket.study.world
    with pytest.raises(Refused):
        offline.set_rule(world.user["member"], world.project, days=1, most_subjects=1)
    offline.set_rule(world.user["owner"], world.project, days=2, most_subjects=1)
    more = services.include_subject(world.user["member"], world.site_a)
    with pytest.raises(Conflict):
        offline.take(world.user["member"], pocket.device, [more])
    assert offline.give_back(world.user["member"], pocket.device) == 1
    checkout = offline.take(world.user["member"], pocket.device, [more])[0]
    assert (checkout.expires_at - timezone.now()).days == 1
    with pytest.raises(Refused):
        offline.take(world.user["member"], pocket.device, [pocket.study.elsewhere])


@pytest.mark.parametrize(
    "wrong",
    [{"id": "x"}, {"kind": "other"}, {"previous": "x"}, {"complete": {"a": 1}}, {"instance": 0}, {"values": ["a"]}],
)
def test_what_can_not_be_read(pocket: Pocket, wrong: dict[str, Any]) -> None:
    """A piece of another shape is named, and nothing of its batch is done."""
    with pytest.raises(Invalid) as caught:
        pocket.send(pocket.piece({"weight": "80"}), {**pocket.piece({"sex": "1"}), **wrong})
    assert [fault.place for fault in caught.value.faults] == ["fragments[1]"]
    assert Entry.objects.count() == 0
