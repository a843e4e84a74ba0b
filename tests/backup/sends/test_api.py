"""Sealed files over REST, as a program sends and receives them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backup.models import Send
from core.access.demo import World
from tests.backup.portal import told
from tests.backup.sends import kit
from tests.queries import queries_of

ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/backup"
BYTES = "application/octet-stream"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_whole_way(world: World, api_of: ApiOf) -> None:
    """A client sends a file in pieces, goes on after a break, prolongs it; a stranger fetches it; it is revoked."""
    content = kit.large()
    made = kit.sealed(content)
    api, anybody = api_of("owner"), APIClient()
    wanted = {"project": world.project.slug, "size": made.size, "days": 3, "most_fetches": 5}
    row = api.post(f"{ROOT}/sends/", wanted).data
    assert (row["state"], row["piece_count"]) == ("uploading", 3)
    own = f"{ROOT}/sends/{row['id']}"
    assert api.put(f"{own}/piece/1/", made.pieces[1], content_type=BYTES).status_code == 201
    assert api.get(f"{own}/pieces/").json() == {"numbers": [1], "piece_count": 3}
    assert api.post(f"{own}/finish/").status_code == 422
    statuses = [
        api.put(f"{own}/piece/{number}/", piece, content_type=BYTES).status_code
        for number, piece in enumerate(made.pieces)
    ]
    assert statuses == [201, 204, 201]
    assert api.put(f"{own}/piece/2/", made.pieces[2][::-1], content_type=BYTES).status_code == 409
    assert api.post(f"{own}/finish/").json()["state"] == "ready"
    assert api.post(f"{own}/prolong/", {"days": 30}).status_code == 200
    assert api.post(f"{own}/prolong/", {"days": 91}).status_code == 422
    link = f"{ROOT}/sealed/{row['link']}"
    shown = anybody.get(f"{link}/").json()
    assert (shown["sender"], shown["size"]) == (str(world.user["owner"]), made.size)
    ticket = anybody.post(f"{link}/")
    assert ticket.status_code == 201
    place = f"{link}/{ticket.data['ticket']}"
    raw = b"".join(body(anybody.get(f"{place}/piece/{number}/")) for number in range(3))
    assert b"".join(made.open(raw).content) == content
    part = anybody.get(f"{place}/piece/0/", headers={"Range": "bytes=0-63"})
    assert (part.status_code, body(part)) == (206, made.raw[:64])
    assert api.get(f"{own}/").json()["fetch_count"] == 1
    assert api.delete(f"{own}/").status_code == 204
    gone = anybody.get(f"{place}/piece/0/")
    assert (gone.status_code, gone.json()["type"].rpartition(":")[2]) == (409, "revoked")
    assert anybody.get(f"{link}/").status_code == 409
    for action in ("begun", "made", "fetched", "prolonged", "revoked"):
        assert len(told(f"backup.send_{action}")) == 1


def test_a_stranger_drops(world: World, api_of: ApiOf) -> None:
    """By a request, who has no account drops a file in pieces, and sees what is there; its owner fetches it."""
    api, anybody = api_of("owner"), APIClient()
    row = api.post(f"{ROOT}/file-requests/", {"project": world.project.slug}).data
    link = f"{ROOT}/drops/{row['link']}"
    assert anybody.get(f"{link}/").json()["asks"] == str(world.user["owner"])
    made = kit.sealed()
    envelope = base64.b64encode(bytes(80)).decode()
    assert anybody.post(f"{link}/", {"size": made.size, "envelope": "?"}).status_code == 422
    assert anybody.post(f"{link}/", {"size": made.size, "envelope": "AAAA"}).status_code == 422
    begun = anybody.post(f"{link}/", {"size": made.size, "envelope": envelope})
    assert begun.status_code == 201
    own = f"{link}/{begun.data['token']}"
    assert anybody.post(f"{own}/finish/").status_code == 422
    assert anybody.put(f"{own}/piece/0/", made.raw, content_type=BYTES).status_code == 201
    assert anybody.get(f"{own}/pieces/").json() == {"numbers": [0], "piece_count": 1}
    assert anybody.post(f"{own}/finish/").status_code == 204
    [found] = api.get(f"{ROOT}/sends/?request={row['id']}").data["results"]
    assert found["state"] == "ready"
    assert kit.fetched(Send.objects.get()) == made.raw
    assert api.delete(f"{ROOT}/file-requests/{row['id']}/").status_code == 204
    assert anybody.get(f"{link}/").status_code == 409


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("member", 404), ("stranger", 404), ("anonymous", 401)])
def test_who_sees_a_file(world: World, api_of: ApiOf, who: str, status: int) -> None:
    """A file is seen by its owner and by who sets the project's backups, and by nobody else."""
    row = kit.send(world, kit.sealed())
    assert api_of(who).get(f"{ROOT}/sends/{row.pk}/").status_code == status


def test_the_list_costs_the_same(world: World, api_of: ApiOf) -> None:
    """However many files there are, their list takes as many queries."""
    api = api_of("owner")
    for _each in range(2):
        kit.send(world, kit.sealed())
    few = queries_of(api, f"{ROOT}/sends/")
    for _each in range(6):
        kit.send(world, kit.sealed())
    assert queries_of(api, f"{ROOT}/sends/") == few
