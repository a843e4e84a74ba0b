"""An object store that is busy, breaks off, refuses or spoils what it is sent."""

from __future__ import annotations

from threading import Event

import pytest

from backup.engine.errors import AlreadyThere, Damaged, Denied, Full, Unreachable
from backup.engine.format import cipher, layout
from backup.engine.stores import s3_bucket
from backup.engine.stores.s3 import S3Store
from tests.backup.stores import faulty
from tests.backup.stores.conftest import Provider

BADGE = layout.badge_name(bytes(16))
DATA = b"what a pack holds" * 100
PACK = layout.pack_name(cipher.digest(DATA))
pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (503, "SlowDown"), (502, ""), (504, "")])
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_a_passing_fault_is_passed_over(provider: Provider, s3: S3Store, status: int, code: str, method: str) -> None:
    """A provider that is busy or broken for a moment is asked again."""
    s3.create(BADGE, [b"1"])
    provider.door.rules.append(faulty.times(1, faulty.status(status, code), method=method))
    s3.create(PACK, [DATA])
    assert s3.read(PACK) == DATA
    assert s3.locked_until(PACK) == 0


@pytest.mark.parametrize("rule", [faulty.status(503, "SlowDown"), faulty.unreachable, faulty.cut_in_half])
def test_a_lasting_fault_is_told(provider: Provider, s3: S3Store, rule: faulty.Rule) -> None:
    """A provider that stays broken is Unreachable, after as many tries as were allowed."""
    s3.create(BADGE, [b"12345678"])
    provider.door.rules.append(rule)
    provider.door.calls.clear()
    with pytest.raises(Unreachable):
        s3.read(BADGE)
    assert provider.door.count("GET") == 2


def test_a_reset_in_mid_object_is_passed_over(provider: Provider, s3: S3Store) -> None:
    """An object whose transfer breaks in the middle is read again, and whole."""
    s3.create(PACK, [DATA])
    provider.door.rules.append(faulty.times(1, faulty.cut_in_half, method="GET"))
    assert s3.read(PACK) == DATA
    provider.door.rules[:] = [faulty.times(1, faulty.cut_in_half, method="GET")]
    assert s3.read(PACK, 10, 500) == DATA[10:510]


@pytest.mark.parametrize("name", [BADGE, PACK])
def test_a_lost_answer_is_no_collision(provider: Provider, s3: S3Store, name: str) -> None:
    """A PUT that was served and whose answer was lost meets its own object when it is made again: that is success."""
    provider.door.rules.append(faulty.times(1, faulty.lost, method="PUT"))
    s3.create(name, [DATA])
    assert provider.door.count("PUT", name) == 2
    assert s3.read(name) == DATA


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


def test_a_lost_answer_is_no_collision_for_who_only_writes(provider: Provider, s3: S3Store) -> None:
    """Who may not read knows his own object by the list."""
    provider.door.rules += [
        faulty.times(1, faulty.lost, method="PUT"),
        faulty.times(99, faulty.status(403, "AccessDenied"), method="HEAD"),
        faulty.times(99, faulty.status(403, "AccessDenied"), method="GET", part="/packs/"),
    ]
    s3.create(PACK, [DATA])
    assert s3.holds(PACK, [DATA])
    assert not s3.holds(PACK, [DATA[1:]])


def test_anothers_object_is_a_collision_after_a_fault_too(provider: Provider, s3: S3Store) -> None:
    """After a fault the object that is met is compared: one with other bytes is somebody else's."""
    provider.past_the_door.put_object(Bucket=provider.bucket, Key=f"suite/{BADGE}", Body=b"other")
    provider.door.rules.append(faulty.times(1, faulty.unreachable, method="PUT"))
    with pytest.raises(AlreadyThere):
        s3.create(BADGE, [b"bytes"])


def test_a_conflict_is_asked_about_again(provider: Provider, s3: S3Store) -> None:
    """Where two write a name at once and the provider settles it with 409, the call is made again."""
    provider.door.rules.append(faulty.times(1, faulty.status(409, "ConditionalRequestConflict"), method="PUT"))
    s3.create(BADGE, [b"1"])
    provider.door.rules[:] = [faulty.status(409, "ConditionalRequestConflict")]
    with pytest.raises(Unreachable):
        s3.create(PACK, [DATA])


def test_a_fault_between_pages_is_passed_over(provider: Provider, s3: S3Store) -> None:
    """A list that breaks between two answers goes on where it was."""
    for number in range(3):
        s3.create(layout.config_name(number), [b"1"])
    provider.door.rules.append(faulty.times(1, faulty.unreachable, method="GET"))
    assert len(list(s3.list("config"))) == 3


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
def test_wrong_or_expired_credentials_are_denied(provider: Provider, s3: S3Store, status: int, code: str) -> None:
    """Credentials that are wrong, expired or allow too little are Denied in the provider's words, after one try."""
    provider.door.rules.append(faulty.status(status, code))
    provider.door.calls.clear()
    with pytest.raises(Denied, match=code):
        s3.create(BADGE, [b"1"])
    assert provider.door.count("PUT") == 1


def test_a_wrong_clock_is_told(provider: Provider, s3: S3Store) -> None:
    """Where the provider refuses because this machine's clock is off, the message says so."""
    provider.door.rules.append(faulty.status(403, "RequestTimeTooSkewed"))
    with pytest.raises(Denied, match="clock of this machine"):
        s3.create(BADGE, [b"1"])


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
def test_a_quota_is_told(provider: Provider, s3: S3Store, status: int, code: str) -> None:
    """A provider whose quota is reached, or that has no room, is Full."""
    provider.door.rules.append(faulty.status(status, code))
    with pytest.raises(Full):
        s3.create(BADGE, [b"1"])


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


def test_a_provider_with_its_own_etags_is_read_back(provider: Provider, s3: S3Store) -> None:
    """Where an ETag isn't the MD5 of an object, as under a key service, the object is read to be compared."""

    def own_etags(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
        answer = serve(call)
        answer.headers = {
            name: '"of its own"' if name.lower() == "etag" else value for name, value in answer.headers.items()
        }
        return answer

    provider.door.rules.append(own_etags)
    s3.create(PACK, [DATA])
    assert provider.door.count("GET", PACK) == 1
    provider.door.rules.append(faulty.spoils)
    with pytest.raises(Damaged):
        s3.create(BADGE, [DATA])
