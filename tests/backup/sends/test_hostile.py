"""Who means harm: other numbers, other sizes, other people's files, and guesses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from backup.engine.errors import Damaged
from backup.models import Send
from backup.models.sends import PIECE
from backup.services import guessing
from core.access.demo import World
from core.rest import limits
from tests.backup.sends import kit

ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/backup"
BYTES = "application/octet-stream"


def put(api: Any, row: Send, number: object, data: bytes) -> Any:
    return api.put(f"{ROOT}/sends/{row.pk}/piece/{number}/", data, content_type=BYTES)


def code(answer: Any) -> str:
    return str(answer.json()["errors"][0]["code"])


def left(answer: Any) -> int:
    """Units that are left of the bucket of an address."""
    return int(answer["RateLimit"].partition("r=")[2].partition(";")[0])


def test_to_begin_costs_more_than_to_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each download that is begun is told to its sender, each drop makes a row: both cost what any change does."""
    own = limits.Bucket("address", "to begin", 60)  # it fills by one a second
    monkeypatch.setattr(limits, "address", lambda: own)
    row, asked, client = kit.send(world, kit.sealed()), kit.ask(world), APIClient()
    before = left(client.get(f"{ROOT}/sealed/{row.link}/"))
    assert before - left(client.post(f"{ROOT}/sealed/{row.link}/")) == limits.WRITE
    begun = client.post(f"{ROOT}/drops/{asked.row.link}/", {"size": 4096, "envelope": "x"}, format="json")
    assert before - left(begun) == 2 * limits.WRITE


def test_pieces_that_are_none(world: World, api_of: ApiOf) -> None:
    """A number beyond the end, a piece too long, too short or empty, and one of no sealed file are refused in words."""
    made = kit.sealed(kit.large())
    row = kit.begin(world, made)
    api = api_of("owner")
    assert code(put(api, row, 3, made.pieces[2])) == "range"
    assert code(put(api, row, 999_999, made.pieces[2])) == "range"
    assert put(api, row, "-1", made.pieces[0]).status_code == 404
    assert put(api, row, "0x1", made.pieces[0]).status_code == 404
    assert code(put(api, row, 1, made.pieces[1] + b"!")) == "length"
    assert code(put(api, row, 1, made.pieces[1][:-1])) == "length"
    assert code(put(api, row, 1, b"")) == "length"
    assert code(put(api, row, 2, made.pieces[1])) == "length"
    assert code(put(api, row, 0, bytes(PIECE))) == "not_sealed"
    assert code(put(api, row, 0, kit.sealed(bytes(9 << 20)).pieces[0])) == "not_sealed", "of a file of another size"
    assert put(api, row, 1, b"{}").status_code == 422
    assert not row.pieces.exists()


@pytest.mark.parametrize("size", [1, 4095, 4097, 10_000_019, (20 << 30) + (1 << 28), 1 << 62])
def test_sizes_that_tell_too_much(world: World, api_of: ApiOf, size: int) -> None:
    """A size that isn't one of the few padded ones, and one that is too large, is refused."""
    answer = api_of("owner").post(f"{ROOT}/sends/", {"project": world.project.slug, "size": size})
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, "size")


def test_another_project_s_file(world: World, api_of: ApiOf) -> None:
    """A stranger who manages a project of his own reaches no file of another, by id, piece or page."""
    made = kit.sealed()
    row = kit.send(world, made)
    api = api_of("stranger")
    assert put(api, row, 0, made.raw).status_code == 404
    for address in (f"sends/{row.pk}/", f"sends/{row.pk}/pieces/"):
        assert api.get(f"{ROOT}/{address}").status_code == 404
    for act in ("finish", "prolong"):
        assert api.post(f"{ROOT}/sends/{row.pk}/{act}/", {"days": 3}).status_code == 404
    assert api.delete(f"{ROOT}/sends/{row.pk}/").status_code == 404
    answer = api.post(f"{ROOT}/sends/", {"project": world.project.slug, "size": 4096})
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, "project")


def test_a_ticket_is_of_one_file(world: World) -> None:
    """A ticket opens neither another file nor a number that it hasn't; without one there is nothing."""
    api = APIClient()
    one, other = (kit.send(world, kit.sealed()) for _each in range(2))
    ticket = api.post(f"{ROOT}/sealed/{one.link}/").data["ticket"]
    assert api.get(f"{ROOT}/sealed/{one.link}/{ticket}/piece/0/").status_code == 200
    for address in (f"{other.link}/{ticket}/piece/0", f"{one.link}/{ticket}/piece/1", f"{one.link}/nothing/piece/0"):
        assert api.get(f"{ROOT}/sealed/{address}/").status_code == 404


def test_guessing_is_hopeless(world: World, settings: Settings) -> None:
    """Every link that isn't there looks the same, and after twenty an address is heard no more."""
    kit.send(world, kit.sealed())
    settings.RATE_ADDRESS = 10 * guessing.GUESS
    answers = []
    for number in range(14):
        address = "/sealed/{}/" if number % 2 else f"{ROOT}/sealed/{{}}/"
        answers.append(Client().get(address.format(f"A{number:021}"), REMOTE_ADDR="192.0.2.77").status_code)
    assert answers[0] == answers[1] == 404
    assert answers[-1] == answers[-2] == 429
    assert len(Send.objects.get().link) == 22, "128 bits"


def test_a_tampered_store_is_told(world: World) -> None:
    """Bytes that were changed on the server, swapped or cut don't open; nothing of them passes for what was sent."""
    made = kit.sealed(kit.large())
    row = kit.send(world, made)
    raw = kit.fetched(row)
    cases = {
        "changed": raw[:5_000_000] + bytes([raw[5_000_000] ^ 1]) + raw[5_000_001:],
        "swapped": raw[PIECE : 2 * PIECE] + raw[:PIECE] + raw[2 * PIECE :],
        "cut": raw[: 2 * PIECE],
    }
    for case in cases.values():
        with pytest.raises(Damaged):
            list(made.open(case).content)


def test_the_server_knows_nothing(world: World, api_of: ApiOf) -> None:
    """Neither name, message, content nor key of a file is anywhere in the database or on the disk."""
    words = b"Dupont Jeanne, 3e etage"
    made = kit.sealed(words * 1000, name="irm-dupont-jeanne.zip", message="pour le staff de jeudi")
    kit.send(world, made)
    secrets = [words, b"irm-dupont", b"staff de jeudi", made.fragment.encode()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = "\n".join(row for (row,) in cursor.fetchall()).encode()
            assert not [word for word in secrets if word in rows or word.hex().encode() in rows], table
    for path in Path(settings.DATA_DIR).glob("files/*/*"):
        data = path.read_bytes()
        assert not [word for word in secrets if word in data]


def test_a_link_tells_nothing_of_the_project(world: World) -> None:
    """A public page and the public resources name the sender, never the project, and are kept by nobody."""
    row = kit.send(world, kit.sealed())
    asked = kit.ask(world)
    for address in (f"/sealed/{row.link}/", f"/sealed/to/{asked.row.link}/", f"{ROOT}/sealed/{row.link}/"):
        answer = Client().get(address)
        assert answer.status_code == 200
        assert world.user["owner"].full_name in answer.text
        assert world.project.name not in answer.text
        assert world.project.slug not in answer.text
        assert str(row.pk) not in answer.text
    page = Client().get(f"/sealed/{row.link}/")
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "sessionid" not in page.cookies
