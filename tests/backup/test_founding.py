"""Repositories that clients found, taken in by the portal: whole or not at all, and never with a key that reads."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from backup.engine.format import keyfile
from backup.engine.format.keys import Role
from backup.engine.founding import Founding
from backup.engine.repository import Repository as Opened
from backup.engine.stores.local import LocalStore
from backup.models import Repository
from backup.services import repositories
from core.access.demo import World
from core.audit.models import Event
from core.errors import Invalid
from tests.backup.founding import Client, as_json
from tests.backup.test_examining import elsewhere, private_of, seed, text, twin
from tests.race import race

ADDRESS = "/api/v1/backup/repositories/"


def register(world: World, founding: Founding, **values: Any) -> Repository:
    return repositories.register_repository(
        world.user["owner"], world.project, **{"name": "Coffre", "founding": founding, **values}
    )


@pytest.fixture
def place(settings: Settings, tmp_path: Path) -> str:
    settings.BACKUP_FOLDERS = [tmp_path / "disk"]
    (tmp_path / "disk").mkdir()
    return str(tmp_path / "disk")


def test_what_is_kept_opens_nothing(world: World, place: str) -> None:
    """Of what a client wrote around a key, as lines for people or else, nothing is kept: only what was looked at."""
    client = Client.new()
    given = client.founding()
    smuggled = given.lister.replace("Role: lister\n", f"Role: lister\nNote: {seed(client).hex()}\n", 1)
    around = client.keyfile + given.writer
    with pytest.raises(Invalid):
        register(world, replace(given, writer=around), folder=place)
    row = register(world, replace(given, lister=smuggled), folder=place)
    kept = [row.lister_key, row.writer_key, *(json.dumps(event.details) for event in Event.objects.all())]
    on_disk = b"".join(path.read_bytes() for path in Path(place).rglob("*") if path.is_file())
    for secret in (seed(client), *private_of(client).values()):
        assert secret not in on_disk
        assert secret.hex() not in "".join(kept)
    opened = Opened.open(LocalStore(row.path), client.master)
    assert {badge.role for badge in opened.badges().values()} == {Role.LISTER, Role.WRITER}
    assert (opened.config.isolated, row.used > 0) == (False, True)


def test_refused_it_leaves_nothing(world: World, place: str) -> None:
    """What is refused leaves no row, no folder and no key; every fault is told at once with its place."""
    client = Client.new()
    given = replace(client.founding(), lister=client.keyfile, writer=text(client, Role.READER), control_code="x")
    with pytest.raises(Invalid) as refused:
        register(world, given, name="", folder=place)
    assert {fault.place: fault.code for fault in refused.value.faults} == {
        "name": "blank",
        "lister": "reads",
        "writer": "reads",
        "control_code": "control",
    }
    assert not Repository.objects.exists()
    assert list(Path(place).iterdir()) == []
    assert not Event.objects.filter(action="backup.repository_created").exists()


def test_an_id_that_is_taken(world: World, place: str) -> None:
    """An id that is in use is refused, whoever has the key of it, and what is there stays as it is."""
    client = Client.new()
    first = register(world, client.founding(), folder=place)
    before = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
    for given in (client.founding(), twin(client).founding()):
        with pytest.raises(Invalid) as refused:
            register(world, given, name="Another", folder=place)
        assert [(fault.place, fault.code) for fault in refused.value.faults] == [("config", "taken")]
    assert {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()} == before
    assert Repository.objects.count() == 1


def test_a_folder_that_holds_something(world: World, place: str) -> None:
    """Where something lies already it is left alone, and nothing is registered."""
    client = Client.new()
    there = Path(place) / client.master.repository.hex()
    there.mkdir()
    (there / "precious").write_text("of somebody else")
    with pytest.raises(Invalid, match="unusable"):
        register(world, client.founding(), folder=place)
    assert (there / "precious").read_text() == "of somebody else"
    assert not Repository.objects.exists()


@pytest.mark.parametrize("id_", [b"../../../../etc/", b"/tmp/../../../x\0", bytes(16), b"\\..\\..\\windows\\"])
def test_ids_are_no_paths(world: World, place: str, id_: bytes) -> None:
    """Whatever an id looks like, it names a folder of digits below the place that was chosen."""
    row = register(world, Client.new(repository=id_[:16].ljust(16, b"/")).founding(), folder=place)
    assert row.path.parent == Path(place)
    assert row.path.name == row.repository_id
    assert set(row.repository_id) <= set("0123456789abcdef")


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time(world: World, place: str) -> None:
    """Of those who register one repository at the same moment one does, and the others harm nothing of it."""
    client = Client.new()
    calls = [(world, client.founding()) for _each in range(3)]

    def named(world: World, given: Founding) -> None:
        register(world, given, name=os.urandom(4).hex(), folder=place)

    assert race(named, calls, Invalid) == ["done", "refused", "refused"]
    row = Repository.objects.get()
    opened = Opened.open(LocalStore(row.path), keyfile.load(row.lister_key))
    assert len(opened.badges()) == 2


def test_over_rest(world: World, api_of: Callable[[str], APIClient], place: str) -> None:
    """A program that sends a reading key is told so by its place, and what is much too large isn't even read."""
    client = Client.new()
    api = api_of("owner")
    body = {"project": world.project.slug, "name": "Coffre", "folder": place} | as_json(client.founding())
    for more, wrong in (
        ({"lister": text(client, Role.READER)}, {"lister": "reads"}),
        ({"writer": client.keyfile}, {"writer": "reads"}),
        ({"lister": elsewhere().founding().lister}, {"lister": "other"}),
        ({"config": "AAAA"}, {"config": "damaged"}),
        ({"folder": f"{place}/../.."}, {"folder": "unknown"}),
    ):
        answer = api.post(ADDRESS, body | more)
        assert answer.status_code == 422
        assert {fault["place"]: fault["code"] for fault in answer.json()["errors"]} == wrong
        assert "SUITE BACKUP KEY" not in answer.content.decode()
    for more in ({"config": "%%"}, {"config": "A" * 40_000}, {"lister": "x" * 70_000}, {"control_code": "x" * 10}):
        assert api.post(ADDRESS, body | more).status_code == 422
    assert api.post(ADDRESS, body | {"lister": "x" * 6_000_000}).status_code == 413
    assert not Repository.objects.exists()
    assert list(Path(place).iterdir()) == []
