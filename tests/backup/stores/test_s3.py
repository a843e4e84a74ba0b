"""What is special to an object store that speaks S3, and to those that speak it badly."""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from botocore.exceptions import ClientError

from backup.engine.errors import AlreadyThere, BackupError, Damaged, Denied, Full, Missing, Unreachable
from backup.engine.format import cipher, layout
from backup.engine.stores import s3_answers as answers
from backup.engine.stores import s3_bucket
from backup.engine.stores.base import Locking
from backup.engine.stores.s3 import S3Store
from backup.engine.stores.s3_bucket import Bucket
from tests.backup.stores import faulty
from tests.backup.stores.conftest import Provider

BADGE = layout.badge_name(bytes(16))
DATA = b"what a pack holds" * 100
PACK = layout.pack_name(cipher.digest(DATA))
DAY = 24 * 3600 * 10**9


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are as long as they are; here nobody waits for them."""
    monkeypatch.setattr(s3_bucket, "PAUSE", 0.0)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda _self, _context: 0.0)


@pytest.fixture
def store(provider: Provider) -> S3Store:
    made = provider.open()
    made.prepare()
    return made


def test_conditions_are_found_out(provider: Provider, store: S3Store) -> None:
    """A provider that refuses to overwrite when asked to is known by what it answers to a probe, asked once."""
    assert store.conditional
    store.create(BADGE, [b"1"])
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


@pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (503, "SlowDown"), (502, ""), (504, "")])
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_a_passing_fault_is_passed_over(
    provider: Provider, store: S3Store, status: int, code: str, method: str
) -> None:
    """A provider that is busy or broken for a moment is asked again."""
    store.create(BADGE, [b"1"])
    provider.door.rules.append(faulty.times(1, faulty.status(status, code), method=method))
    store.create(PACK, [DATA])
    assert store.read(PACK) == DATA
    assert store.locked_until(PACK) == 0


@pytest.mark.parametrize("rule", [faulty.status(503, "SlowDown"), faulty.unreachable, faulty.cut_in_half])
def test_a_lasting_fault_is_told(provider: Provider, store: S3Store, rule: faulty.Rule) -> None:
    """A provider that stays broken is Unreachable, after as many tries as were allowed."""
    store.create(BADGE, [b"12345678"])
    provider.door.rules.append(rule)
    provider.door.calls.clear()
    with pytest.raises(Unreachable):
        store.read(BADGE)
    assert provider.door.count("GET") == 2


def test_a_reset_in_mid_object_is_passed_over(provider: Provider, store: S3Store) -> None:
    """An object whose transfer breaks in the middle is read again, and whole."""
    store.create(PACK, [DATA])
    provider.door.rules.append(faulty.times(1, faulty.cut_in_half, method="GET"))
    assert store.read(PACK) == DATA
    provider.door.rules[:] = [faulty.times(1, faulty.cut_in_half, method="GET")]
    assert store.read(PACK, 10, 500) == DATA[10:510]


@pytest.mark.parametrize("name", [BADGE, PACK])
def test_a_lost_answer_is_no_collision(provider: Provider, store: S3Store, name: str) -> None:
    """A PUT that was served and whose answer was lost meets its own object when it is made again: that is success."""
    provider.door.rules.append(faulty.times(1, faulty.lost, method="PUT"))
    store.create(name, [DATA])
    assert provider.door.count("PUT", name) == 2
    assert store.read(name) == DATA


def test_an_answer_that_never_comes_is_no_collision(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PUT that was served and then timed out is success too, when the next one meets its object."""
    monkeypatch.setattr(s3_bucket, "WAIT", 0.3)
    store = provider.open()
    store.prepare()
    end = Event()
    provider.door.rules.append(faulty.times(1, faulty.hangs(end), method="PUT"))
    store.create(PACK, [DATA])
    end.set()
    assert provider.door.count("PUT", PACK) == 2


def test_a_lost_answer_is_no_collision_for_who_only_writes(provider: Provider, store: S3Store) -> None:
    """Who may not read knows his own object by the list."""
    provider.door.rules += [
        faulty.times(1, faulty.lost, method="PUT"),
        faulty.times(99, faulty.status(403, "AccessDenied"), method="HEAD"),
        faulty.times(99, faulty.status(403, "AccessDenied"), method="GET", part="/packs/"),
    ]
    store.create(PACK, [DATA])
    assert store.holds(PACK, [DATA])
    assert not store.holds(PACK, [DATA[1:]])


def test_anothers_object_is_a_collision_after_a_fault_too(provider: Provider, store: S3Store) -> None:
    """After a fault the object that is met is compared: one with other bytes is somebody else's."""
    provider.past_the_door.put_object(Bucket=provider.bucket, Key=f"suite/{BADGE}", Body=b"other")
    provider.door.rules.append(faulty.times(1, faulty.unreachable, method="PUT"))
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"bytes"])


def test_a_conflict_is_asked_about_again(provider: Provider, store: S3Store) -> None:
    """Where two write a name at once and the provider settles it with 409, the call is made again."""
    provider.door.rules.append(faulty.times(1, faulty.status(409, "ConditionalRequestConflict"), method="PUT"))
    store.create(BADGE, [b"1"])
    provider.door.rules[:] = [faulty.status(409, "ConditionalRequestConflict")]
    with pytest.raises(Unreachable):
        store.create(PACK, [DATA])


def test_more_than_a_page_is_listed(provider: Provider, store: S3Store) -> None:
    """More objects than one answer holds are listed, each once."""
    names = {f"index/{number:064x}" for number in range(1203)}
    client = provider.past_the_door

    def put(name: str) -> None:
        client.put_object(Bucket=provider.bucket, Key=f"suite/{name}", Body=b"1")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, names))
    provider.door.calls.clear()
    assert sorted(one.name for one in store.list("index")) == sorted(names)
    assert provider.door.count("GET", "list-type=2") == 2


def test_a_fault_between_pages_is_passed_over(provider: Provider, store: S3Store) -> None:
    """A list that breaks between two answers goes on where it was."""
    for number in range(3):
        store.create(layout.config_name(number), [b"1"])
    provider.door.rules.append(faulty.times(1, faulty.unreachable, method="GET"))
    assert len(list(store.list("config"))) == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "AccessDenied"),
        (403, "InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch"),
        (400, "ExpiredToken"),
        (400, "InvalidToken"),
        (401, "Unauthorized"),
    ],
)
def test_wrong_or_expired_credentials_are_denied(provider: Provider, store: S3Store, status: int, code: str) -> None:
    """Credentials that are wrong, expired or allow too little are Denied in the provider's words, after one try."""
    provider.door.rules.append(faulty.status(status, code))
    provider.door.calls.clear()
    with pytest.raises(Denied, match=code):
        store.create(BADGE, [b"1"])
    assert provider.door.count("PUT") == 1


def test_a_wrong_clock_is_told(provider: Provider, store: S3Store) -> None:
    """Where the provider refuses because this machine's clock is off, the message says so."""
    provider.door.rules.append(faulty.status(403, "RequestTimeTooSkewed"))
    with pytest.raises(Denied, match="clock of this machine"):
        store.create(BADGE, [b"1"])


def test_no_credentials_are_told(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the message says where they belong."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(Denied, match="AWS_ACCESS_KEY_ID"):
        provider.open().read(BADGE)


def test_credentials_come_from_a_file(provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A file of credentials, as all tools of S3 read it, will do."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    path = f"{tmp_path}/credentials"
    with open(path, "w") as file:  # noqa: PTH123
        file.write("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", path)
    provider.open().create(BADGE, [b"1"])


@pytest.mark.parametrize(
    ("status", "code"), [(403, "QuotaExceeded"), (507, "InsufficientStorage"), (507, "XMinioStorageFull")]
)
def test_a_quota_is_told(provider: Provider, store: S3Store, status: int, code: str) -> None:
    """A provider whose quota is reached, or that has no room, is Full."""
    provider.door.rules.append(faulty.status(status, code))
    with pytest.raises(Full):
        store.create(BADGE, [b"1"])


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


@pytest.mark.parametrize("checksum", ["sha256", "crc32"])
def test_what_is_spoilt_on_its_way_is_refused(provider: Provider, checksum: str) -> None:
    """A provider that checks what it is sent refuses what was changed on the way, and it is sent again."""
    provider.door.rules.append(faulty.checks_checksums)
    store = provider.open(checksum=checksum)
    store.prepare()
    assert store.verifies
    provider.door.rules.insert(0, faulty.spoils)
    with pytest.raises(Unreachable, match="BadDigest"):
        store.create(PACK, [DATA])
    provider.door.rules.pop(0)
    store.create(PACK, [DATA])


@pytest.mark.parametrize("checksum", ["sha256", "crc32", "none"])
def test_a_provider_that_checks_nothing_is_checked(provider: Provider, checksum: str) -> None:
    """A provider that takes whatever comes is found out, and what it says of an object compared with what was sent."""
    store = provider.open(checksum=checksum)
    store.prepare()
    assert not store.verifies
    store.create(BADGE, [b"1"])
    provider.door.rules.append(faulty.spoils)
    with pytest.raises(Damaged):
        store.create(PACK, [DATA])


def test_a_provider_with_its_own_etags_is_read_back(provider: Provider, store: S3Store) -> None:
    """Where an ETag isn't the MD5 of an object, as under a key service, the object is read to be compared."""

    def own_etags(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
        answer = serve(call)
        answer.headers = {
            name: '"of its own"' if name.lower() == "etag" else value for name, value in answer.headers.items()
        }
        return answer

    provider.door.rules.append(own_etags)
    store.create(PACK, [DATA])
    assert provider.door.count("GET", PACK) == 1
    provider.door.rules.append(faulty.spoils)
    with pytest.raises(Damaged):
        store.create(BADGE, [DATA])


def test_a_provider_that_ignores_ranges(provider: Provider, store: S3Store) -> None:
    """Where a part is asked for and all comes, the part is cut out."""
    store.create(PACK, [DATA])
    provider.door.rules.append(lambda call, serve: serve(call.without("Range")))
    assert store.read(PACK, 5, 10) == DATA[5:15]


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


def test_a_refused_deletion_is_denied(provider: Provider, store: S3Store) -> None:
    """A provider that answers 403 to a deletion is believed."""
    store.create(BADGE, [b"1"])
    provider.door.rules.append(faulty.times(1, faulty.status(403, "AccessDenied"), method="DELETE"))
    with pytest.raises(Denied):
        store.delete(BADGE)


def test_what_is_not_locked_is_deleted(provider: Provider, store: S3Store) -> None:
    """In a bucket with versions a deletion hides the object behind a marker, and its bytes to the bucket's rules."""
    store.create(BADGE, [b"1"])
    store.delete(BADGE)
    with pytest.raises(Missing):
        store.read(BADGE)
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


def test_time_is_the_stores(provider: Provider, store: S3Store) -> None:
    """The time is that of the Date header, also where it differs from ours, and goes on between two answers."""

    def tomorrow(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
        answer = serve(call)
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 86_400))
        answer.headers = {name: value for name, value in answer.headers.items() if name.lower() != "date"} | {
            "Date": date
        }
        return answer

    here = store.now()
    provider.door.rules.append(tomorrow)
    there = store.now()
    assert abs(there - here - DAY) < 3 * 10**9
    assert store.now() >= there


def test_a_store_without_a_clock_is_told(provider: Provider, store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
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
