"""A place outside of each kind, on a real server, as the administrator declares it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from pytest_django import Settings

from backup.engine.format import keyfile
from backup.engine.repository import Repository as Opened
from backup.services import stores
from core.access.demo import World
from core.config.places import Place
from tests.backup import portal
from tests.backup.agents.conftest import Fleet
from tests.backup.portal import Kept
from tests.backup.stores.conftest import (  # noqa: F401  (fixtures)
    Provider,
    credentials,
    dav_door,
    moto,
    openssh,
    provider,
    rclone,
    rclone_folder,
)
from tests.backup.stores.faulty import Door
from tests.backup.stores.servers import Sshd

WHERE = "place:offsite"


@dataclass
class Outside:
    """A place, and what stands in front of its server where something does."""

    place: Place
    door: Door | None = None


def secret(path: Path, text: str = "secret") -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


Declare = Callable[[Place], None]


@pytest.fixture
def declare(settings: Settings) -> Iterator[Declare]:
    """Name a place in the settings."""

    def declare(place: Place) -> None:
        settings.BACKUP_PLACES = {**django_settings.BACKUP_PLACES, place.name: place}

    cache.clear()
    yield declare
    cache.clear()


@pytest.fixture
def bucket(provider: Provider, tmp_path: Path, declare: Declare) -> Outside:  # noqa: F811
    """A bucket with locks, behind a door that fails when it is told to; its keys lie in files."""
    made = Outside(of_bucket(provider, tmp_path), provider.door)
    declare(made.place)
    return made


def of_bucket(provider: Provider, tmp_path: Path, more: str = "") -> Place:  # noqa: F811
    files = {name: secret(tmp_path / name, f"of-the-{name}") for name in ("key_file", "secret_file")}
    address = f"s3://{provider.bucket}/suite?endpoint={provider.door.address}&region=us-east-1&style=path{more}"
    return Place("offsite", "Second site, Brest", address, files)


@pytest.fixture(params=["s3", "sftp", "webdav"])
def outside(request: pytest.FixtureRequest, tmp_path: Path, declare: Declare) -> Outside:
    """A place of each kind."""
    made: Outside
    if request.param == "s3":
        made = request.getfixturevalue("bucket")
        return made
    if request.param == "sftp":
        server: Sshd = request.getfixturevalue("openssh")
        there = server.server
        address = f"sftp://{there.user}@{there.host}:{there.port}{tmp_path}/far?fingerprint={there.fingerprint}"
        assert there.key_file
        made = Outside(Place("offsite", "Second site, Brest", address, {"ssh_key_file": there.key_file}))
    else:
        folder: Path = request.getfixturevalue("rclone_folder") / tmp_path.name
        folder.mkdir()
        door: Door = request.getfixturevalue("dav_door")
        address = f"webdav://{door.address.removeprefix('http://')}/{tmp_path.name}"
        made = Outside(Place("offsite", "Second site, Brest", address, {}), door)
    declare(made.place)
    return made


def keep(world: World) -> Kept:
    """A project with something to save, and its repository in the place."""
    portal.fill(world)
    return portal.keep(world, Path(WHERE))


@pytest.fixture
def kept_outside(world: World, outside: Outside) -> Kept:
    return keep(world)


@pytest.fixture
def kept_in_bucket(world: World, bucket: Outside) -> Kept:
    return keep(world)


class FarFleet(Fleet):
    """Agents whose repository lies outside."""

    @property
    def master(self) -> Opened:
        return Opened.open(stores.store_of(self.kept.repository), keyfile.load(self.kept.keyfile))


@pytest.fixture
def far_fleet(kept_in_bucket: Kept) -> Fleet:
    return FarFleet(kept_in_bucket)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Nobody in these tests is as patient as in a hospital."""
    monkeypatch.setattr(stores, "WITHIN", 1.0)
    return stores
