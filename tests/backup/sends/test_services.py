"""What happens to a sealed file from its first piece to its last minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from backup.models import Send, SendFetch, SendPiece
from backup.models.sends import FETCHING, FORGOTTEN, PIECE
from backup.services import asking, contents, ending, fetching, pieces, sends
from core.access import Refused
from core.access.demo import World
from core.access.models import Membership
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.files.models import Space, StoredFile
from core.notices.models import Notice
from tests.backup.portal import told
from tests.backup.sends import kit


def later(row: Send, **since: object) -> None:
    """Let time pass for a file."""
    Send.objects.filter(pk=row.pk).update(**since)


@pytest.mark.parametrize("passphrase", ["", "trois mots secrets"])
def test_whoever_has_the_link_receives_what_was_sealed(world: World, passphrase: str) -> None:
    """What is fetched opens with the key of the link, bit by bit; name and message come with it."""
    content = kit.large()
    made = kit.sealed(content, passphrase, message="Bonne réception")
    row = kit.send(world, made)
    opened = made.open(kit.fetched(row), passphrase)
    assert (opened.about.name, opened.about.message) == ("scanner.zip", "Bonne réception")
    assert b"".join(opened.content) == content
    row.refresh_from_db()
    assert (row.is_protected, row.state, row.piece_count) == (bool(passphrase), "ready", len(made.pieces))


def test_the_same_piece_twice_is_kept_once(world: World) -> None:
    """A piece that is sent again changes nothing; another content under its number is refused."""
    made = kit.sealed(kit.large())
    row = kit.begin(world, made)
    owner = world.user["owner"]
    assert pieces.put(owner, row, 1, made.pieces[1])
    assert not pieces.put(owner, row, 1, made.pieces[1])
    with pytest.raises(Conflict) as refusal:
        pieces.put(owner, row, 1, made.pieces[1][:-1] + b"\0")
    assert refusal.value.code == "differs"
    assert StoredFile.objects.filter(kind=contents.SEALED).count() == SendPiece.objects.count() == 1


def test_nothing_is_fetched_before_all_of_it_is_there(world: World) -> None:
    """Finishing short says how much is there; a link whose file is still coming says so."""
    made = kit.sealed(kit.large())
    row = kit.begin(world, made)
    pieces.put(world.user["owner"], row, 0, made.pieces[0])
    with pytest.raises(Invalid) as refusal:
        sends.finish(world.user["owner"], row)
    assert refusal.value.faults[0].code == "missing"
    with pytest.raises(Conflict) as early:
        fetching.begin(row.link)
    assert early.value.code == "uploading"
    for number in (1, 2):
        pieces.put(world.user["owner"], row, number, made.pieces[number])
    assert sends.finish(world.user["owner"], row).state == "ready"
    sends.finish(world.user["owner"], row)
    assert len(told("backup.send_made")) == 1, "harmless to repeat"
    row.refresh_from_db()
    with pytest.raises(Conflict):
        pieces.put(world.user["owner"], row, 0, made.pieces[0])


@pytest.mark.parametrize("who", ["member", "stranger", "monitor", "administrator"])
def test_who_may_not_send(world: World, who: str) -> None:
    """Sending needs its permission, which members and those who only look don't hold."""
    row = kit.begin(world, kit.sealed())
    with pytest.raises(Refused):
        sends.begin(world.user[who], world.project, size=4096)
    for act in (sends.finish, sends.revoke):
        with pytest.raises(Refused):
            act(world.user[who], row)
    with pytest.raises(Refused):
        pieces.put(world.user[who], row, 0, b"")
    with pytest.raises(Refused):
        asking.ask(world.user[who], world.project)
    assert not Send.objects.visible_to(world.user[who]).exists()


def test_a_link_is_fetched_as_often_as_allowed(world: World) -> None:
    """Each download is counted and told; who has begun his last goes on, nobody begins another."""
    made = kit.sealed()
    row = kit.send(world, made, most_fetches=2)
    kit.fetched(row)
    _fetch, ticket = fetching.begin(row.link)
    with pytest.raises(Conflict) as refusal:
        fetching.begin(row.link)
    assert refusal.value.code == "used"
    assert kit.piece(row, ticket, 0) == made.raw, "his ticket is good"
    assert len(told("backup.send_fetched")) == 2
    assert Notice.objects.filter(kind="backup.file_fetched", user=world.user["owner"]).count() == 2
    SendFetch.objects.update(created_at=timezone.now() - FETCHING)
    with pytest.raises(Conflict):
        fetching.piece(row.link, ticket, 0)


def test_the_trail_tells_the_place_but_not_the_address(world: World) -> None:
    """Two downloads from one address bear the same sign, one from elsewhere another; no address is kept."""
    row = kit.send(world, kit.sealed())
    for address in ("192.0.2.7", "192.0.2.7", "198.51.100.9"):
        with kit.coming_from(address):
            fetching.begin(row.link)
    events = Event.objects.filter(action="backup.send_fetched").order_by("id")
    assert [event.address for event in events] == [None] * 3
    places = [event.details["place"] for event in events]
    assert places[0] == places[1] != places[2]
    assert set(places) == set(SendFetch.objects.values_list("address_hash", flat=True))


def test_revoked_at_once(world: World) -> None:
    """A revoked link gives nothing more, not even to who is fetching; its bytes go with the next upkeep."""
    row = kit.send(world, kit.sealed())
    _fetch, ticket = fetching.begin(row.link)
    used = Space.objects.get(project=world.project).used
    sends.revoke(world.user["owner"], row)
    sends.revoke(world.user["owner"], row)
    for act in (lambda: fetching.begin(row.link), lambda: fetching.piece(row.link, ticket, 0)):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "revoked"
    assert len(told("backup.send_revoked")) == 1
    assert ending.end_all() == 1
    assert not StoredFile.objects.filter(kind=contents.SEALED).exists()
    assert Space.objects.get(project=world.project).used == used - row.size
    with pytest.raises(Conflict):
        sends.prolong(world.user["owner"], row, days=3)


def test_a_link_dies_with_its_owner_s_right(world: World) -> None:
    """Who may no longer send has no links that work."""
    row = kit.send(world, kit.sealed())
    asked = kit.ask(world)
    Membership.objects.filter(user=world.user["owner"]).delete()
    with pytest.raises(Conflict) as refusal:
        fetching.begin(row.link)
    assert refusal.value.code == "revoked"
    with pytest.raises(Conflict):
        kit.drop(asked, kit.sealed())


GONE: dict[str, Callable[[Send], None]] = {
    "expired": lambda row: later(row, expires_at=timezone.now()),
    "used": lambda row: later(row, fetch_count=1, most_fetches=1, fetched_at=timezone.now() - FETCHING * 1.1),
    "abandoned": lambda row: later(row, finished_at=None, created_at=timezone.now() - FORGOTTEN * 1.1),
}


@pytest.mark.parametrize("how", GONE)
def test_what_is_over_is_erased(world: World, how: str) -> None:
    """Upkeep erases what expired, was used up or was given up, says so once, and leaves what lives."""
    over, living, going = (kit.send(world, kit.sealed()) for _each in range(3))
    GONE[how](over)
    SendPiece.objects.filter(send=over).update(created_at=timezone.now() - FORGOTTEN * 1.1)
    later(going, finished_at=None, created_at=timezone.now() - FORGOTTEN * 2)  # a piece came just now
    assert ending.end_all() == 1
    assert ending.end_all() == 0
    assert not over.pieces.exists()
    assert kit.fetched(living)
    assert going.pieces.exists()
    over.refresh_from_db()
    assert over.state == how
    assert Event.objects.get(action="backup.send_erased").reason == how


def test_what_a_crash_left_is_swept(world: World) -> None:
    """The bytes of a piece whose row was never written go after a day."""
    row = kit.send(world, kit.sealed())
    SendPiece.objects.filter(send=row).delete()
    ending.end_all()
    assert StoredFile.objects.filter(kind=contents.SEALED).count() == 1, "it may be on its way"
    StoredFile.objects.update(created_at=timezone.now() - FORGOTTEN * 1.1)
    ending.end_all()
    assert not StoredFile.objects.filter(kind=contents.SEALED).exists()


def test_prolonged(world: World) -> None:
    """Its owner lets it be fetched longer, up to ninety days from now."""
    row = kit.send(world, kit.sealed(), days=1)
    row = sends.prolong(world.user["owner"], row, days=90)
    assert row.expires_at > timezone.now() + timedelta(days=89)
    for days in (0, 91):
        with pytest.raises(Invalid):
            sends.prolong(world.user["owner"], row, days=days)
    assert len(told("backup.send_prolonged")) == 1


def test_project_and_person_have_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What doesn't fit into the project's limit, or the person's own, is refused, before it is sent or while it is."""
    made = kit.sealed(kit.large())
    row = kit.begin(world, made)
    Space.objects.filter(project=world.project).update(quota=PIECE + 1)
    with pytest.raises(Invalid):
        kit.begin(world, made)
    pieces.put(world.user["owner"], row, 0, made.pieces[0])
    with pytest.raises(Invalid) as refusal:
        pieces.put(world.user["owner"], row, 1, made.pieces[1])
    assert refusal.value.faults[0].code == "quota"
    Space.objects.update(quota=None)
    monkeypatch.setattr(sends, "PER_PERSON", 2 * made.size - 1)
    with pytest.raises(Invalid) as mine:
        kit.begin(world, made)
    assert mine.value.faults[0].code == "quota"
    sends.revoke(world.user["owner"], row)
    ending.end_all()
    assert kit.begin(world, made), "what is erased counts no more"


def test_a_stranger_drops_for_one_person(world: World) -> None:
    """A file dropped by a request opens with the key of its owner's own link; he is told."""
    asked = kit.ask(world)
    content = kit.large()
    made = kit.sealed(content, message="Je suis le Dr Martin")
    row, token = kit.drop(asked, made)
    for number, piece in enumerate(made.pieces):
        assert asking.put(asked.row.link, token, number, piece)
    assert not asking.put(asked.row.link, token, 0, made.pieces[0])
    asking.finish(asked.row.link, token)
    asking.finish(asked.row.link, token)
    row.refresh_from_db()
    assert kit.key_in(asked, row) == made.fragment
    assert b"".join(made.open(kit.fetched(row)).content) == content
    assert Notice.objects.filter(kind="backup.file_dropped", user=world.user["owner"]).count() == 1
    assert not Notice.objects.filter(kind="backup.file_fetched").exists(), "one isn't told of what one does oneself"
    assert len(told("backup.send_received")) == 1


def test_a_request_ends(world: World) -> None:
    """A revoked request takes nothing, not even the rest of what was begun; nor does one that is full."""
    made = kit.sealed(kit.large())
    asked = kit.ask(world, most_bytes=made.size)
    _row, token = kit.drop(asked, made)
    with pytest.raises(Invalid):
        kit.drop(asked, kit.sealed())
    with pytest.raises(Http404):
        asking.put(asked.row.link, "another", 0, made.pieces[0])
    asking.withdraw(world.user["owner"], asked.row)
    with pytest.raises(Conflict):
        asking.put(asked.row.link, token, 0, made.pieces[0])
    assert len(told("backup.request_revoked")) == 1


def test_sealed_files_are_not_backed_up(kept: object) -> None:
    """What is on its way stays nowhere: a plan that saves files leaves pieces out."""
    plan = kept.plan  # type: ignore[attr-defined]
    before = len(contents.contents(plan).streams)
    kit.send(kept.world, kit.sealed())  # type: ignore[attr-defined]
    assert len(contents.contents(plan).streams) == before
