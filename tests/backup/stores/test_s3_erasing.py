"""A repository is taken out of a bucket whole, with its versions, or not at all while something of it is locked."""

from __future__ import annotations

import pytest

from backup.engine.errors import Denied, StillLocked
from backup.engine.format import layout
from backup.engine.stores.s3 import S3Store
from backup.engine.stores.s3_bucket import Bucket
from tests.backup.stores import faulty
from tests.backup.stores.conftest import Provider

BADGE, OTHER = (layout.badge_name(bytes([number] * 16)) for number in (1, 2))
DAY = 24 * 3600 * 10**9


def left(provider: Provider, bucket: str = "") -> list[str]:
    """Every version of every object, and every marker."""
    page = provider.past_the_door.list_object_versions(Bucket=bucket or provider.bucket)
    return [one["Key"] for kind in ("Versions", "DeleteMarkers") for one in page.get(kind, ())]


def test_versions_go_too(provider: Provider) -> None:
    """What was deleted before, and is kept as a version, goes with the rest; a neighbour stays."""
    neighbour = provider.open(prefix="suite-2")
    neighbour.create(BADGE, [b"theirs"])
    store = provider.open()
    for name in (BADGE, OTHER):
        store.create(name, [b"ours"])
    store.delete(OTHER)
    assert len([key for key in left(provider) if key.startswith("suite/")]) > 3
    store.erase()
    assert [key for key in left(provider) if key.startswith("suite/")] == []
    assert neighbour.read(BADGE) == b"theirs"


def test_a_lock_holds(provider: Provider) -> None:
    """While one object is locked nothing of the repository is taken, and it is said until when."""
    store = provider.open()
    store.create(BADGE, [b"1"])
    store.create(OTHER, [b"2"])
    until = store.now() + 5 * DAY
    store.lock_until(OTHER, until)
    with pytest.raises(StillLocked) as caught:
        store.erase()
    assert abs(caught.value.until - until) <= 10**9
    assert (store.read(BADGE), store.read(OTHER)) == (b"1", b"2")


def test_a_deleted_object_that_is_locked_holds_too(provider: Provider) -> None:
    """A lock on a version that somebody has hidden behind a marker is seen."""
    store = provider.open(lock="compliance", days=3)
    store.create(BADGE, [b"1"])
    provider.past_the_door.delete_object(Bucket=provider.bucket, Key=f"suite/{BADGE}")
    with pytest.raises(StillLocked):
        provider.open().erase()


def test_a_bucket_without_locks_or_versions(provider: Provider) -> None:
    """It goes as well, also from a provider that knows no versions."""
    provider.past_the_door.create_bucket(Bucket="plain")
    store = S3Store(Bucket("plain", "suite", provider.door.address, style="path"), tries=1)
    for rules in ([], [faulty.times(99, faulty.status(501, "NotImplemented"), part="versions")]):
        provider.door.rules[:] = rules
        store.create(BADGE, [b"1"])
        store.erase()
        provider.door.rules[:] = []
        assert left(provider, "plain") == []


def test_who_may_not_delete_is_told(provider: Provider) -> None:
    """Credentials that may not delete don't pass for having done it."""
    store = provider.open()
    store.create(BADGE, [b"1"])
    provider.door.rules[:] = [faulty.times(9, faulty.status(403, "AccessDenied"), method="POST", part="?delete")]
    with pytest.raises(Denied):
        store.erase()
    assert store.read(BADGE) == b"1"
