"""What is special to an object store that speaks S3, and to those that know a part of it."""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from backup.engine.errors import AlreadyThere, BackupError, Denied, Unreachable
from backup.engine.format import cipher, layout
from backup.engine.stores import s3_answers as answers
from backup.engine.stores.s3 import S3Store
from backup.engine.stores.s3_bucket import Bucket
from tests.backup.stores import faulty
from tests.backup.stores.conftest import Provider

BADGE = layout.badge_name(bytes(16))
DATA = b"what a pack holds" * 100
PACK = layout.pack_name(cipher.digest(DATA))
DAY = 24 * 3600 * 10**9
pytestmark = pytest.mark.usefixtures("short_pauses")


def test_conditions_are_found_out(provider: Provider, s3: S3Store) -> None:
    """A provider that refuses to overwrite when asked to is known by what it answers to a probe, asked once."""
    assert s3.conditional
    s3.create(BADGE, [b"1"])
    assert provider.door.count("PUT", "probe-conditions") == 2
    assert provider.door.count("HEAD") == 0
    again = provider.open()
    again.create(PACK, [DATA])
    assert again.conditional
    assert provider.door.count("PUT", "probe-conditions") == 3


@pytest.mark.parametrize("spoilt", [False, True])
def test_what_was_found_out_is_remembered(provider: Provider, tmp_path: Path, spoilt: bool) -> None:
    """The next program doesn't try the provider again within a week, unless what was written down can't be read."""
    memory = tmp_path / "cache" / "provider.json"
    bucket = provider.open().bucket
    S3Store(bucket, tries=2, memory=memory).create(BADGE, [b"1"])
    before = provider.door.count("PUT", "probe-")
    if spoilt:
        memory.write_text("{")
    later = S3Store(bucket, tries=2, memory=memory)
    later.create(PACK, [DATA])
    assert later.conditional
    assert (provider.door.count("PUT", "probe-") > before) == spoilt
    os.utime(memory, (1, 1))
    S3Store(bucket, tries=2, memory=memory).create(layout.badge_name(bytes([1] * 16)), [b"1"])
    assert provider.door.count("PUT", "probe-") > before


@pytest.mark.parametrize("rule", [faulty.ignores_conditions, faulty.rejects_conditions])
def test_a_provider_without_conditions(provider: Provider, rule: faulty.Rule) -> None:
    """A provider that ignores or rejects conditions is found out, and its objects are looked for first."""
    provider.door.rules.append(rule)
    store = provider.open()
    store.prepare()
    assert not store.conditional
    store.create(BADGE, [b"first"])
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"second"])
    assert store.read(BADGE) == b"first"


def test_stale_lists_let_nothing_be_overwritten(provider: Provider) -> None:
    """Where a provider's lists are behind and its conditions nothing, the object itself is asked for."""
    provider.door.rules += [faulty.ignores_conditions, faulty.StaleLists()]
    store = provider.open()
    store.prepare()
    assert list(store.list("keys")) == []
    store.create(BADGE, [b"first"])
    assert list(store.list("keys")) == []
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"second"])
    assert store.read(BADGE) == b"first"


def test_who_may_not_read_still_overwrites_nothing(provider: Provider) -> None:
    """A writer without conditions who may not even ask for an object looks it up in the list."""
    provider.door.rules += [faulty.ignores_conditions]
    store = provider.open()
    store.prepare()
    store.create(BADGE, [b"first"])
    provider.door.rules.insert(0, faulty.times(99, faulty.status(403, "AccessDenied"), method="HEAD"))
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"second"])
    store.create(PACK, [DATA])


@pytest.mark.parametrize("conditional", [True, False])
def test_conditions_can_be_said(provider: Provider, conditional: bool) -> None:
    """Who knows his provider says so, and no probe is made."""
    store = provider.open(conditional=conditional)
    store.create(BADGE, [b"1"])
    assert store.conditional is conditional
    assert provider.door.count("PUT", "probe-conditions") == 0


def test_more_than_a_page_is_listed(provider: Provider, s3: S3Store) -> None:
    """More objects than one answer holds are listed, each once."""
    names = {f"index/{number:064x}" for number in range(1203)}
    client = provider.past_the_door

    def put(name: str) -> None:
        client.put_object(Bucket=provider.bucket, Key=f"suite/{name}", Body=b"1")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, names))
    provider.door.calls.clear()
    assert sorted(one.name for one in s3.list("index")) == sorted(names)
    assert provider.door.count("GET", "list-type=2") == 2


def test_a_bucket_that_is_not_there(provider: Provider) -> None:
    """A bucket that isn't there isn't an empty repository."""
    store = S3Store(Bucket("nowhere", endpoint=provider.door.address, style="path"), tries=1)
    with pytest.raises(Unreachable, match="no such bucket"):
        list(store.list("packs"))
    with pytest.raises(Unreachable, match="no such bucket"):
        store.prepare()


def test_a_prefix_is_a_place_of_its_own(provider: Provider) -> None:
    """Two repositories in one bucket don't see each other."""
    one, other = provider.open(prefix="one"), provider.open(prefix="")
    one.prepare()
    one.create(BADGE, [b"1"])
    assert list(other.list("keys")) == []
    other.create(BADGE, [b"2"])
    assert one.read(BADGE) == b"1"


def test_a_provider_that_ignores_ranges(provider: Provider, s3: S3Store) -> None:
    """Where a part is asked for and all comes, the part is cut out."""
    s3.create(PACK, [DATA])
    provider.door.rules.append(lambda call, serve: serve(call.without("Range")))
    assert s3.read(PACK, 5, 10) == DATA[5:15]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lock": "governance"}, "number of days"),
        ({"lock": "for ever", "days": 3}, "lock=for ever"),
        ({"days": 3}, "number of days"),
        ({"lock": "governance", "days": 3, "checksum": "none"}, "with a checksum"),
        ({"checksum": "md4"}, "known are none, crc32, sha256"),
        ({"style": "other"}, "known are auto, path, virtual"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, object], words: str) -> None:
    """Options that don't fit together are refused in words, before anything is called."""
    with pytest.raises(BackupError, match=words):
        Bucket("bucket", **options)  # type: ignore[arg-type]


def test_time_is_the_stores(provider: Provider, s3: S3Store) -> None:
    """The time is that of the Date header, also where it differs from ours, and goes on between two answers."""

    def tomorrow(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
        answer = serve(call)
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 86_400))
        answer.headers = {name: value for name, value in answer.headers.items() if name.lower() != "date"} | {
            "Date": date
        }
        return answer

    here = s3.now()
    provider.door.rules.append(tomorrow)
    there = s3.now()
    assert abs(there - here - DAY) < 3 * 10**9
    assert s3.now() >= there


def test_a_store_without_a_clock_is_told(provider: Provider, s3: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that dates no answer can't say when anything was received."""
    fresh = provider.open()
    monkeypatch.setattr(fresh._call, "_hear", lambda _ahead: None)
    with pytest.raises(Unreachable, match="what time it is"):
        fresh.now()


def test_ways_to_name_a_bucket(provider: Provider) -> None:
    """A bucket is named in the path or in the host, as the provider wants it."""
    store = provider.open()
    store.create(BADGE, [b"1"])
    assert all(re.match(rf"/{provider.bucket}[/?]", call.path) for call in provider.door.calls)
    virtual = S3Store(Bucket("bucket", endpoint="http://store.invalid", style="virtual"), tries=1)
    with pytest.raises(Unreachable, match=r"bucket\.store\.invalid"):
        virtual.read(BADGE)


@pytest.mark.parametrize(
    ("status", "code"), [(301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed"), (400, "Other")]
)
def test_a_bucket_in_another_region(status: int, code: str) -> None:
    """A bucket that is elsewhere is no store that doesn't answer: it is said what its address lacks."""
    answer = {"Error": {"Code": code, "Message": "expecting eu-west-3"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    found = answers.explain("config", ClientError(answer, "HeadObject"))
    assert isinstance(found, Unreachable if code == "Other" else Denied)
    assert ("region=" in str(found)) == (code != "Other")
