"""An object store that is busy, breaks off, forgets, refuses or keeps no promise: `suite-backup` in front of it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import boto3
import pytest

from backup.engine.format import cipher, layout
from tests.backup.conftest import picture
from tests.backup.stores import faulty, servers
from tests.backup.stores.faulty import Door, Rule
from tests.faults.backup.site import IMPATIENT, Site, change, fill

pytestmark = pytest.mark.slow
PASSING: dict[str, tuple[Rule, str]] = {
    "500": (faulty.status(500, "InternalError"), ""),
    "503": (faulty.status(503, "SlowDown"), ""),
    "reset": (faulty.unreachable, ""),
    "reset in the middle": (faulty.cut_in_half, "GET"),
    "answer lost": (faulty.lost, "PUT"),
}
"""What a provider does for a moment, and to which calls."""
NAMES = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


@dataclass
class Far(Site):
    """A repository in a bucket, behind a door that may do anything."""

    door: Door | None = None
    bucket: str = field(default_factory=lambda: f"faults-{uuid4().hex}")

    def __post_init__(self) -> None:
        assert self.door is not None
        self.client.create_bucket(Bucket=self.bucket, ObjectLockEnabledForBucket=True)
        self.environment |= NAMES
        self.url = f"s3://{self.bucket}/suite?endpoint={self.door.address}&region=us-east-1&style=path"
        super().__post_init__()

    @property
    def client(self) -> Any:
        """What talks to the provider itself, past the door."""
        assert self.door is not None
        host, port = self.door.behind
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **keys)

    @property
    def rules(self) -> list[Rule]:
        assert self.door is not None
        return self.door.rules

    def fill_the_bucket(self, names: list[str]) -> None:
        client = self.client
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: client.put_object(Bucket=self.bucket, Key=f"suite/{name}", Body=b"x"), names))

    def fails(self, *words: str) -> None:
        """A save fails with these words and leaves no snapshot."""
        before = self.objects_past_the_door("snapshots")
        done = self.run("save", "--source", "data", str(self.source))
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        for word in words:
            assert word in done.stderr
        assert self.objects_past_the_door("snapshots") == before

    def objects_past_the_door(self, folder: str) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=f"suite/{folder}/")
        return [one["Key"] for one in found.get("Contents", ())]


@pytest.fixture(scope="module")
def moto() -> Iterator[tuple[str, int]]:
    with servers.moto() as where:
        yield where


@pytest.fixture
def far(request: pytest.FixtureRequest, moto: tuple[str, int], tmp_path: Path, chance: random.Random) -> Iterator[Far]:
    """A repository in a bucket of its own, at a provider of this kind, and something to save."""
    with faulty.door(moto) as door:
        door.rules += getattr(request, "param", ())
        made = Far(tmp_path, door=door)
        fill(made.source, chance)
        yield made


def test_passing_faults(far: Far, chance: random.Random, rounds: int) -> None:
    """Whatever a provider does for a moment, in whichever call: saves, checks and restores end well."""
    for _ in range(rounds):
        change(far.source, chance)
        for name in chance.sample(sorted(PASSING), 2):
            rule, method = PASSING[name]
            part = chance.choice(("", "packs", "index", "snapshots"))
            far.rules.append(faulty.times(chance.randrange(1, 3), rule, method=method, part=part))
        snapshot = far.save()["snapshot"]
        assert far.restored(snapshot) == picture(far.source)
        shutil.rmtree(far.base / "state-cache")  # the next restore asks the store again
        far.rules.clear()
    far.check()
    assert len(far.snapshots()) == rounds


def test_a_timeout_after_it_was_done(far: Far) -> None:
    """A provider that does what it is asked and never says so meets its own object the next time: that is success."""
    far.program = IMPATIENT
    over = Event()
    for part in ("packs", "index", "snapshots"):
        far.rules.append(faulty.times(1, faulty.hangs(over), method="PUT", part=part))
    snapshot = far.save()["snapshot"]
    over.set()
    assert [one["id"] for one in far.snapshots()] == [snapshot]
    assert far.restored() == picture(far.source)


def test_a_store_that_stays_away(far: Far) -> None:
    """A provider that stays broken is told in words; what was sent before isn't sent again afterwards."""
    far.save()
    (far.source / "large-0").write_bytes(random.Random(5).randbytes(40 << 20))
    far.program = IMPATIENT
    far.rules.append(faulty.times(10**6, faulty.status(503, "SlowDown"), method="PUT", part="/index/"))
    far.fails("can't be reached", "SlowDown")
    far.rules.clear()
    assert far.save()["added"] < 17 << 20
    assert far.restored() == picture(far.source)


def test_lists_that_are_behind(far: Far, chance: random.Random) -> None:
    """Where lists lack what has just come, a save ends well or fails in words, and overwrites nothing."""
    states = {far.save()["snapshot"]: picture(far.source)}
    far.rules.append(faulty.StaleLists())
    for _ in range(3):
        change(far.source, chance)
        done = far.run("--json", "save", "--source", "data", str(far.source))
        assert done.returncode in (0, 1)
        assert "Traceback" not in done.stderr
    far.rules.clear()
    states[far.save()["snapshot"]] = picture(far.source)
    known = [one["id"] for one in far.snapshots()]
    assert states.keys() <= set(known)
    for id_, state in states.items():
        assert far.restored(id_) == state
    far.check()


def test_more_than_a_page_of_objects(far: Far) -> None:
    """Among more packs and snapshots than one answer lists, one's own are found: nothing is stored twice."""
    first = far.save()["snapshot"]
    strange = [layout.pack_name(cipher.digest(bytes([number % 256, number // 256]))) for number in range(1300)]
    far.fill_the_bucket(strange)
    again = far.save()
    assert again["added"] == 0
    shutil.rmtree(far.base / "state-cache")
    for snapshot in (first, again["snapshot"]):
        assert far.restored(snapshot) == picture(far.source)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "ExpiredToken", "ExpiredToken"),
        (403, "AccessDenied", "AccessDenied"),
        (403, "RequestTimeTooSkewed", "clock of this machine"),
    ],
)
def test_refused_credentials(far: Far, status: int, code: str, said: str) -> None:
    """Credentials that expire in mid-save, and a clock that is off, are told after one try, and cost nothing else."""
    far.save()
    (far.source / "large-0").write_bytes(random.Random(6).randbytes(6 << 20))
    far.rules.append(faulty.times(10**6, faulty.status(status, code), method="PUT", part="/index/"))
    far.fails(said, "refuses")
    far.rules.clear()
    assert far.save()["added"] < 1 << 20
    assert far.restored() == picture(far.source)


@pytest.mark.parametrize("far", [[faulty.ignores_conditions], [faulty.rejects_conditions]], indirect=True)
def test_a_provider_without_conditions(far: Far, chance: random.Random) -> None:
    """Where `If-None-Match` is ignored or refused with 501, two programs of one key overwrite nothing of each other."""
    states = {}
    for state in ("state", "twin", "state", "third"):
        change(far.source, chance)
        states[far.save(state=state)["snapshot"]] = picture(far.source)
    assert [one["sequence"] for one in far.snapshots()] == [1, 2, 3, 4]
    for id_, was in states.items():
        assert far.restored(id_) == was
    far.check()


def test_objects_that_are_locked(far: Far, chance: random.Random) -> None:
    """What is locked stays though it was forgotten and pruned; the pruner says so, and what is kept restores."""
    far.url += "&lock=compliance:30"
    for _ in range(3):
        last = far.save()["snapshot"]
        state = picture(far.source)
        change(far.source, chance)
    before = far.objects_past_the_door("packs")
    far.ok("forget", "--keep-last", "1", role="pruner")
    for _ in range(2):
        pruned = far.summary("prune", "--grace", "0h", "--force", role="pruner")
    assert pruned["reclaimed"] == 0
    assert pruned["packs"]["locked"] > 0
    assert set(before) <= set(far.objects_past_the_door("packs"))
    assert far.restored(last) == state


def test_deletions_that_are_refused(far: Far, chance: random.Random) -> None:
    """A provider that answers 403 to deletions loses nothing; once it lets them, the room is given back."""
    for _ in range(3):
        last = far.save()["snapshot"]
        state = picture(far.source)
        change(far.source, chance)
    far.ok("forget", "--keep-last", "1", role="pruner")
    far.rules.append(faulty.times(10**6, faulty.status(403, "AccessDenied"), method="DELETE"))
    for _ in range(2):
        assert far.summary("prune", "--grace", "0h", "--force", role="pruner")["reclaimed"] == 0
    assert far.restored(last) == state
    far.rules.clear()
    assert far.summary("prune", "--grace", "0h", "--force", role="pruner")["reclaimed"] > 6 << 20
    assert far.restored(last) == state
    far.check()
