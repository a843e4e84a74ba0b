"""Objects that nobody deletes before their time."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from backup.engine.errors import Denied, Missing
from backup.engine.format import layout
from backup.engine.stores.base import Locking
from backup.engine.stores.s3 import S3Store
from backup.engine.stores.s3_bucket import Bucket
from tests.backup.stores import faulty
from tests.backup.stores.conftest import Provider

BADGE = layout.badge_name(bytes(16))
DAY = 24 * 3600 * 10**9
pytestmark = pytest.mark.usefixtures("short_pauses")


def test_objects_are_locked_when_they_are_put(provider: Provider) -> None:
    """With a lock, each object is put under it, for so many days by the store's clock."""
    store = provider.open(lock="governance", days=30)
    store.prepare()
    store.create(BADGE, [b"1"])
    assert isinstance(store, Locking)
    assert abs(store.locked_until(BADGE) - store.now() - 30 * DAY) < 5 * 10**9
    head = provider.past_the_door.head_object(Bucket=provider.bucket, Key=f"suite/{BADGE}")
    assert head["ObjectLockMode"] == "GOVERNANCE"


@pytest.mark.parametrize("lock", ["governance", "compliance"])
def test_a_locked_object_is_not_deleted(provider: Provider, lock: str) -> None:
    """A locked object stays, also in a bucket with versions where a marker would hide it."""
    store = provider.open(lock=lock, days=1)
    store.prepare()
    store.create(BADGE, [b"1"])
    with pytest.raises(Denied, match="is locked until"):
        store.delete(BADGE)
    assert store.read(BADGE) == b"1"
    assert provider.door.count("DELETE") == 0
    found = provider.past_the_door.list_object_versions(Bucket=provider.bucket, Prefix=f"suite/{BADGE}")
    with pytest.raises(ClientError, match="AccessDenied"):
        provider.past_the_door.delete_object(
            Bucket=provider.bucket, Key=f"suite/{BADGE}", VersionId=found["Versions"][0]["VersionId"]
        )


def test_a_refused_deletion_is_denied(provider: Provider, s3: S3Store) -> None:
    """A provider that answers 403 to a deletion is believed."""
    s3.create(BADGE, [b"1"])
    provider.door.rules.append(faulty.times(1, faulty.status(403, "AccessDenied"), method="DELETE"))
    with pytest.raises(Denied):
        s3.delete(BADGE)


def test_what_is_not_locked_is_deleted(provider: Provider, s3: S3Store) -> None:
    """In a bucket with versions a deletion hides the object behind a marker, and its bytes to the bucket's rules."""
    s3.create(BADGE, [b"1"])
    s3.delete(BADGE)
    with pytest.raises(Missing):
        s3.read(BADGE)
    found = provider.past_the_door.list_object_versions(Bucket=provider.bucket, Prefix=f"suite/{BADGE}")
    assert len(found["DeleteMarkers"]) == len(found["Versions"]) == 1


def test_a_lock_is_extended(provider: Provider) -> None:
    """A lock is made longer, in whole seconds and never too short, and keeps its mode."""
    provider.door.rules.append(faulty.keeps_locks)
    store = provider.open(lock="compliance", days=1)
    store.prepare()
    store.create(BADGE, [b"1"])
    until = store.now() + 10 * DAY + 1
    store.lock_until(BADGE, until)
    assert 0 <= store.locked_until(BADGE) - until < 10**9
    head = provider.past_the_door.head_object(Bucket=provider.bucket, Key=f"suite/{BADGE}")
    assert head["ObjectLockMode"] == "COMPLIANCE"


def test_a_lock_is_never_shortened(provider: Provider) -> None:
    """What asks for a shorter lock changes nothing, and is not even sent."""
    store = provider.open(lock="governance", days=10)
    store.prepare()
    store.create(BADGE, [b"1"])
    before = store.locked_until(BADGE)
    store.lock_until(BADGE, before - DAY)
    assert store.locked_until(BADGE) == before
    assert provider.door.count("PUT", "?retention") == 0


def test_two_who_extend_at_once(provider: Provider) -> None:
    """Where another has locked an object for longer in the meantime, being refused to shorten that is no fault."""
    store = provider.open(lock="governance", days=1)
    store.prepare()
    store.create(BADGE, [b"1"])
    later, wanted = store.now() + 20 * DAY, store.now() + 10 * DAY

    def meanwhile(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
        provider.door.rules[:] = [faulty.keeps_locks]
        provider.open(lock="governance", days=1).lock_until(BADGE, later)
        return provider.door.serve(call)

    provider.door.rules[:] = [faulty.times(1, meanwhile, method="PUT", part="?retention")]
    store.lock_until(BADGE, wanted)
    assert store.locked_until(BADGE) >= later
    provider.door.rules[:] = [faulty.times(9, faulty.status(403, "AccessDenied"), method="PUT", part="?retention")]
    with pytest.raises(Denied):
        store.lock_until(BADGE, later + DAY)


def test_no_call_passes_over_a_lock(provider: Provider) -> None:
    """No call ever asks to bypass a lock."""
    store = provider.open(lock="governance", days=1)
    store.prepare()
    store.create(BADGE, [b"1"])
    store.lock_until(BADGE, store.now() + 5 * DAY)
    with pytest.raises(Denied):
        store.delete(BADGE)
    assert not any("bypass" in name.lower() for call in provider.door.calls for name in call.headers)


def test_a_bucket_without_locks_says_so(provider: Provider) -> None:
    """Where a bucket has no locks, nothing is locked, and who asks for a lock is told."""
    provider.past_the_door.create_bucket(Bucket="without-locks")
    store = S3Store(Bucket("without-locks", endpoint=provider.door.address, style="path"), tries=1)
    store.create(BADGE, [b"1"])
    assert store.locked_until(BADGE) == 0
    with pytest.raises(Denied, match="no locks"):
        store.lock_until(BADGE, store.now() + DAY)
