"""Several who do something with a sealed file at the same moment."""

from __future__ import annotations

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from backup.models import Send, SendPiece
from backup.services import asking, contents, fetching, pieces, sends
from core.access.demo import build
from core.errors import Conflict
from core.files.models import StoredFile
from tests.backup.sends import kit
from tests.race import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_piece_at_once() -> None:
    """Of two tabs that send the same piece, one keeps it; of two contents, one is refused."""
    world = build()
    made = kit.sealed(kit.large())
    row, owner = kit.begin(world, made), world.user["owner"]
    same = [(owner, row, 0, made.pieces[0])] * 2
    assert race(pieces.put, same, Conflict) == ["done", "done"]
    other = bytes([made.pieces[1][0] ^ 1]) + made.pieces[1][1:]
    assert race(pieces.put, [(owner, row, 1, made.pieces[1]), (owner, row, 1, other)], Conflict) == ["done", "refused"]
    assert SendPiece.objects.count() == StoredFile.objects.filter(kind=contents.SEALED).count() == 2


def test_a_piece_that_comes_too_late() -> None:
    """A piece of a file that is whole, revoked or given up is refused in words, and is no fault of the server."""
    world = build()
    made = kit.sealed()
    whole, revoked = kit.send(world, made), kit.begin(world, made)
    sends.revoke(world.user["owner"], revoked)
    api = APIClient()
    api.force_authenticate(world.user["owner"])
    for row in (whole, revoked):
        address = f"/api/v1/backup/sends/{row.pk}/piece/0/"
        answer = api.put(address, made.pieces[0], content_type="application/octet-stream")
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "not-uploading")
    asked = kit.ask(world)
    dropped, token = kit.drop(asked, made)
    asking.put(asked.row.link, token, 0, made.pieces[0])
    asking.finish(asked.row.link, token)
    with pytest.raises(Conflict):
        asking.put(asked.row.link, token, 0, made.pieces[0])
    assert dropped.piece_count == 1


def test_a_piece_that_is_undone_is_not_kept() -> None:
    """A stranger fills no disk with pieces that are taken and undone, as by If-Match: they aren't even stored."""
    world = build()
    made = kit.sealed()
    asked = kit.ask(world)
    _dropped, token = kit.drop(asked, made)
    before = {path for path in (settings.DATA_DIR / "files").rglob("*") if path.is_file()}
    address = f"/api/v1/backup/drops/{asked.row.link}/{token}/piece/0/"
    answer = APIClient().put(
        address, made.pieces[0], content_type="application/octet-stream", headers={"If-Match": '"x"'}
    )
    assert answer.status_code == 412
    assert {path for path in (settings.DATA_DIR / "files").rglob("*") if path.is_file()} == before


def test_the_last_download_is_one() -> None:
    """Of three who begin the last download that is allowed at once, one does."""
    world = build()
    row = kit.send(world, kit.sealed(), most_fetches=1)
    assert race(fetching.begin, [(row.link,)] * 3, Conflict) == ["done", "refused", "refused"]
    assert Send.objects.get().fetch_count == 1
