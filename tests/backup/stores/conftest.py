"""One place of each kind, and whatever stands in front of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from backup.engine.stores import s3_bucket
from backup.engine.stores.base import Store
from backup.engine.stores.cached import Cached
from backup.engine.stores.limited import Limited
from backup.engine.stores.local import LocalStore
from backup.engine.stores.rates import Rates, Schedule
from backup.engine.stores.retrying import Retrying
from backup.engine.stores.s3 import S3Store
from backup.engine.stores.s3_bucket import Bucket
from backup.engine.stores.sftp import SftpStore
from backup.engine.stores.webdav import WebDavStore
from tests.backup.stores import faulty, servers
from tests.backup.stores.faulty import Door
from tests.backup.stores.servers import Sshd

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with servers.sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture(scope="session")
def rclone_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rclone")


@pytest.fixture(scope="session")
def rclone(rclone_folder: Path) -> Iterator[tuple[str, int]]:
    with servers.rclone(rclone_folder, "--dir-cache-time", "0s") as where:
        yield where


@pytest.fixture(scope="session")
def moto() -> Iterator[tuple[str, int]]:
    with servers.moto() as where:
        yield where


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@dataclass
class Provider:
    """An object store with a bucket, behind a door."""

    door: Door
    behind: tuple[str, int]
    bucket: str

    @property
    def past_the_door(self) -> Any:
        host, port = self.behind
        return boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")

    def open(self, *, tries: int = 2, **options: Any) -> S3Store:
        options = {"prefix": "suite", "region": "us-east-1", "style": "path"} | options
        return S3Store(Bucket(self.bucket, endpoint=self.door.address, **options), tries=tries)


@pytest.fixture
def provider(moto: tuple[str, int]) -> Iterator[Provider]:
    with faulty.door(moto) as door:
        made = Provider(door, moto, f"bucket-{next(_numbers)}")
        made.past_the_door.create_bucket(Bucket=made.bucket, ObjectLockEnabledForBucket=True)
        yield made


@pytest.fixture
def dav_door(rclone: tuple[str, int]) -> Iterator[Door]:
    with faulty.door(rclone) as door:
        yield door


Opener = Callable[[], Store]


@pytest.fixture(params=["local", "sftp", "s3", "webdav", "wrapped"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """As many stores at one place as are wanted, one after the other or at once."""
    opened: list[Store] = []

    def make() -> Store:
        if request.param == "local":
            return LocalStore(tmp_path / "repository")
        if request.param == "sftp":
            return SftpStore(request.getfixturevalue("openssh").server, f"{tmp_path}/repository")
        if request.param == "s3":
            store: Store = request.getfixturevalue("provider").open()
            return store
        if request.param == "wrapped":
            limited = Limited(LocalStore(tmp_path / "repository"), Schedule(Rates(10.0**12, 10.0**12)))
            return Cached(Retrying(limited), tmp_path / f"cache-{len(opened)}")
        host, port = request.getfixturevalue("rclone")
        return WebDavStore(f"http://{host}:{port}/{tmp_path.name}")

    def open_one() -> Store:
        opened.append(make())
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> Store:
    made = opener()
    made.prepare()
    return made


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries at a bucket are as long as they are; here nobody waits for them."""
    monkeypatch.setattr(s3_bucket, "PAUSE", 0.0)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda _self, _context: 0.0)


@pytest.fixture
def s3(provider: Provider, short_pauses: None) -> S3Store:
    """A store in the bucket, ready to take objects."""
    made = provider.open()
    made.prepare()
    return made
