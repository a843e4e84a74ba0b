"""Stores by their addresses."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup.engine.errors import BackupError, Missing
from backup.engine.format import layout
from backup.engine.stores import opening
from backup.engine.stores.addresses import Options, safe_url
from backup.engine.stores.base import Locking, Store
from backup.engine.stores.cached import Cached
from backup.engine.stores.limited import Limited
from backup.engine.stores.local import LocalStore
from backup.engine.stores.opening import open_store
from backup.engine.stores.rates import Rates, Schedule
from backup.engine.stores.retrying import Retrying
from tests.backup.stores.conftest import Provider
from tests.backup.stores.faulty import Door
from tests.backup.stores.memory import MemoryStore
from tests.backup.stores.servers import Sshd

BADGE = layout.badge_name(bytes(16))
NOTHING = Options(environment={})


@pytest.fixture
def opened() -> Any:
    stores: list[Store] = []

    def opened(url: str, options: Options = NOTHING) -> Any:
        stores.append(open_store(url, options))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


Opened = Callable[..., Any]


@pytest.mark.parametrize("form", ["{}", "file:{}", "file://{}", "file://localhost{}"])
def test_a_folder_is_opened(opened: Opened, tmp_path: Path, form: str) -> None:
    """A path, or a file address, is a folder of this machine."""
    store = opened(form.format(tmp_path / "a folder"))
    assert isinstance(store, LocalStore)
    assert store.folder == tmp_path / "a folder"


def test_a_file_address_is_unquoted(opened: Opened, tmp_path: Path) -> None:
    """In a file address letters may be quoted; a plain path is taken as it is."""
    assert opened(f"file://{tmp_path}/a%20b").folder == tmp_path / "a b"
    assert opened(f"{tmp_path}/a%20b").folder == tmp_path / "a%20b"


def test_sftp_is_opened(opened: Opened, openssh: Sshd, tmp_path: Path) -> None:
    """An SFTP address with a fingerprint, and a key file, open a server's folder."""
    server = openssh.server
    url = f"sftp://{server.user}@{server.host}:{server.port}{tmp_path}/repository?fingerprint={server.fingerprint}"
    store = opened(url, Options(key_file=server.key_file, environment={}))
    store.prepare()
    store.create(BADGE, [b"1"])
    assert LocalStore(tmp_path / "repository").read(BADGE) == b"1"


def test_sftp_with_known_hosts_is_opened(opened: Opened, openssh: Sshd, tmp_path: Path) -> None:
    """In the place of a fingerprint a known_hosts file will do."""
    server = openssh.server
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {openssh.host_key}\n")
    options = Options(key_file=server.key_file, known_hosts=tmp_path / "known", environment={})
    opened(f"sftp://{server.user}@{server.host}:{server.port}{tmp_path}/repository", options).prepare()


def test_a_path_below_ones_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """After ``/~/`` a path is below the user's folder, as the server has it."""
    made: list[str] = []
    monkeypatch.setattr(
        "backup.engine.stores.sftp.SftpStore",
        lambda _server, folder, **_options: made.append(folder) or MemoryStore(),
    )
    for path in ("/~/backup", "/srv/backup", "/srv/a%20b"):
        open_store(f"sftp://host{path}?fingerprint=SHA256:a", NOTHING)
    assert made == ["backup", "/srv/backup", "/srv/a b"]


def test_s3_is_opened(opened: Opened, provider: Provider) -> None:
    """An S3 address names bucket, prefix, provider and lock; what it opens locks."""
    url = f"s3://{provider.bucket}/a/place?endpoint={provider.door.address}&region=us-east-1&style=path&lock=governance:30"
    store = opened(url)
    assert isinstance(store, Locking)
    store.prepare()
    store.create(BADGE, [b"1"])
    assert store.locked_until(BADGE) > store.now()
    assert provider.past_the_door.get_object(Bucket=provider.bucket, Key=f"a/place/{BADGE}")["Body"].read() == b"1"


def test_webdav_is_opened(opened: Opened, dav_door: Door, tmp_path: Path) -> None:
    """A WebDAV address is opened, with the password of the environment."""
    for number, scheme in enumerate(("webdav", "dav+http")):
        url = dav_door.address.replace("http", scheme) + f"/{tmp_path.name}-{number}"
        store = opened(url.replace("://", "://me@"), Options(environment={"SUITE_BACKUP_WEBDAV_PASSWORD": "secret"}))
        store.prepare()
        assert dav_door.calls[-1].header("Authorization") == "Basic bWU6c2VjcmV0"


def test_secrets_come_from_files(tmp_path: Path) -> None:
    """A secret stands in a variable or in the file that another names, whose last line end isn't part of it."""
    (tmp_path / "secret").write_text("from a file\n")
    options = Options(environment={"SUITE_BACKUP_X_FILE": f"{tmp_path}/secret", "SUITE_BACKUP_Y": "given"})
    assert (options.secret("X"), options.secret("Y"), options.secret("Z")) == ("from a file", "given", "")
    with pytest.raises(BackupError, match="can't be read"):
        Options(environment={"SUITE_BACKUP_X_FILE": f"{tmp_path}/none"}).secret("X")
    assert "given" not in repr(options)


def test_what_stands_around_a_store(opened: Opened, provider: Provider, tmp_path: Path) -> None:
    """A far store is limited, then tried again, then kept near: each where it is asked for."""
    url = f"s3://{provider.bucket}?endpoint={provider.door.address}&style=path"
    store = opened(url, Options(schedule=Schedule(Rates(10**9, 10**9)), cache=tmp_path, environment={}))
    assert isinstance(store, Cached)
    assert isinstance(store.store, Retrying)
    assert isinstance(store.store.store, Limited)
    assert isinstance(opened(url), Retrying)
    other = opened(f"{url}&region=us-east-1", Options(cache=tmp_path, environment={}))
    assert store.folder.parent == other.folder.parent == tmp_path
    assert store.folder != other.folder
    assert isinstance(opened(str(tmp_path), Options(schedule=Schedule(Rates(1)), environment={})), Limited)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://host/path", "no store is known by ftp://; known are .*file.*s3.*sftp.*webdav"),
        ("sftp://host/path", "must be pinned"),
        ("sftp://host", "write sftp://"),
        ("sftp:///path?fingerprint=SHA256:a", "write sftp://"),
        ("sftp://host:99999/path", "is no address"),
        ("sftp://host/path?finger=SHA256:a", "finger: not known here; known are fingerprint"),
        ("s3://", "write s3://bucket"),
        ("s3://bucket?lock=governance", "number of days"),
        ("s3://bucket?lock=for-ever:3", "known are governance, compliance"),
        ("s3://bucket?conditional=perhaps", "conditional=yes or conditional=no"),
        ("s3://bucket?secret=x", "not known here"),
        ("webdav://", "write webdavs://"),
        ("webdavs://host/path?x=1", "x: not known"),
        ("file://elsewhere/path", "another machine"),
        ("sftp://[::1/path", "is no address"),
    ],
)
def test_what_is_no_address_is_told(url: str, words: str) -> None:
    """What can't be opened is refused in words that say what to write."""
    with pytest.raises(BackupError, match=words):
        open_store(url, NOTHING)


@pytest.mark.parametrize(
    "url",
    [
        "sftp://me:hunter2@host/path",
        "sftp://me:hunter2@host:22/path?fingerprint=SHA256:a",
        "sftp://me:hun/ter2@host/path",
        "sftp://me:hun@ter2@host/path",
        "webdavs://:hunter2@host/path",
        "webdav://me:hunter?2@host",
        "s3://key:hunter2@bucket",
        "s3://bucket?endpoint=https://key:hunter2@store.example",
        "other://me:hunter2@host",
    ],
)
def test_a_password_in_an_address_is_refused(url: str) -> None:
    """A password in an address is refused, and the refusal doesn't repeat it."""
    with pytest.raises(BackupError, match="password has no place in an address") as caught:
        open_store(url, NOTHING)
    assert "hun" not in str(caught.value)
    assert "ter2" not in str(caught.value)


@given(
    user=st.text("abcdefgh", min_size=1),
    password=st.text(min_size=1, max_size=20).filter(lambda text: not re.match(r"\d+/", text)),
    scheme=st.sampled_from(["sftp", "webdavs", "s3"]),
)
def test_no_password_is_shown(user: str, password: str, scheme: str) -> None:
    """Whatever a password holds, an address for people's eyes doesn't show it."""
    assert safe_url(f"{scheme}://{user}:{password}@host.example/path?x=y") == f"{scheme}://{user}@host.example/path"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sftp://me@host:22/path?fingerprint=SHA256:a", "sftp://me@host:22/path"),
        ("sftp://host:22/a@b", "sftp://host:22/a@b"),
        ("/srv/a?b", "/srv/a?b"),
        ("s3://bucket/a?endpoint=https://x", "s3://bucket/a"),
    ],
)
def test_an_address_is_shown(url: str, shown: str) -> None:
    """An address for people's eyes says what is where, and nothing after the question mark."""
    assert safe_url(url) == shown


def test_a_password_is_not_sent_in_the_open() -> None:
    """A password goes to another machine encrypted or not at all; on this machine it may go as it is."""
    options = Options(environment={"SUITE_BACKUP_WEBDAV_PASSWORD": "secret"})
    for url in ("webdav://me@backup.example/x", "dav+http://me@192.0.2.1/x"):
        with pytest.raises(BackupError, match="unencrypted"):
            open_store(url, options)
    for url in ("webdavs://me@backup.example/x", "webdav://me@localhost/x", "webdav://me@[::1]/x"):
        open_store(url, options).close()


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages that offer a store each, of which one is broken."""
    points = [
        importlib.metadata.EntryPoint("memory", f"{__name__}:open_memory", opening.GROUP),
        importlib.metadata.EntryPoint("broken", "no_such_package:open", opening.GROUP),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points if group == opening.GROUP else [])


def open_memory(_url: str, _options: Options) -> Store:
    return MemoryStore()


@pytest.mark.usefixtures("plugins")
def test_others_add_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package adds a store by an entry point; it is tried again and limited like ours."""
    monkeypatch.setattr("importlib.metadata.EntryPoint.load", lambda _point: open_memory)
    store = open_store("memory://", NOTHING)
    assert isinstance(store, Retrying)
    with pytest.raises(Missing):
        store.read(BADGE)


@pytest.mark.usefixtures("plugins")
def test_a_broken_package_hinders_nobody_else(tmp_path: Path) -> None:
    """A package that is broken is named to who asks for it, and to nobody else."""
    with pytest.raises(BackupError, match=r"no_such_package:open.*is broken"):
        open_store("broken://", NOTHING)
    open_store(str(tmp_path), NOTHING)
    with pytest.raises(BackupError, match="known are broken, dav"):
        open_store("unknown://", NOTHING)


def test_libraries_are_loaded_when_they_are_needed() -> None:
    """Opening a folder loads none of the libraries that speak with servers."""
    code = (
        "import sys; from backup.engine.stores.opening import open_store; open_store('/tmp/x');"
        "heavy = {'asyncssh', 'boto3', 'botocore', 'requests', 'asyncio', 'defusedxml', 'django'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
