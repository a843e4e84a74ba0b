"""What is special to a server that speaks WebDAV, and to those that speak it badly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from backup.engine.errors import AlreadyThere, Denied, Full, Missing, Unreachable
from backup.engine.format import layout
from backup.engine.stores import webdav
from backup.engine.stores.dav import Dav
from backup.engine.stores.local import LocalStore
from backup.engine.stores.webdav import WebDavStore
from tests.backup.stores import faulty, servers
from tests.backup.stores.faulty import Door

BADGE = layout.badge_name(bytes(16))


@pytest.fixture
def store(dav_door: Door, tmp_path: Path) -> Iterator[WebDavStore]:
    with closing(WebDavStore(f"{dav_door.address}/{tmp_path.name}")) as made:
        made.prepare()
        yield made


@pytest.fixture
def folder(rclone_folder: Path, tmp_path: Path) -> Path:
    """Where the server keeps what the store puts."""
    return rclone_folder / tmp_path.name


def left_over(folder: Path) -> list[Path]:
    return list((folder / "tmp").iterdir())


def overwrites(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
    """A server that takes a name whatever it is told."""
    if call.method == "MOVE":
        call = faulty.Call(call.method, call.path, call.without("Overwrite").headers | {"Overwrite": "T"}, b"")
    return serve(call)


def test_a_server_that_heeds_overwrite(dav_door: Door, store: WebDavStore, folder: Path) -> None:
    """A server that refuses a taken name is found out once, with two files of no worth that don't stay."""
    assert store.refuses
    store.create(BADGE, [b"1"])
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"2"])
    assert store.read(BADGE) == b"1"
    assert left_over(folder) == []
    assert dav_door.count("HEAD", BADGE) == 0


def test_a_server_that_overwrites(dav_door: Door, store: WebDavStore, folder: Path) -> None:
    """A server that would overwrite is found out, and asked for the name first."""
    dav_door.rules.append(overwrites)
    store.create(BADGE, [b"first"])
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"second"])
    assert not store.refuses
    assert store.read(BADGE) == b"first"
    assert left_over(folder) == []


@pytest.mark.parametrize("rule", [faulty.unreachable, faulty.lost])
@pytest.mark.parametrize("method", ["PUT", "MOVE", "DELETE"])
def test_a_break_in_mid_creation(dav_door: Door, store: WebDavStore, rule: faulty.Rule, method: str) -> None:
    """Wherever the connection breaks while an object is created, it is there once, and whole."""
    assert store.refuses
    data = os.urandom(50_000)
    dav_door.rules.append(faulty.times(1, rule, method=method))
    store.create(BADGE, [data])
    assert store.read(BADGE) == data
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [data])


def test_anothers_object_is_told_from_ones_own(dav_door: Door, store: WebDavStore) -> None:
    """After a break an object with other bytes is somebody else's."""
    store.create(BADGE, [b"other"])
    dav_door.rules.append(faulty.times(1, faulty.unreachable, method="MOVE"))
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"bytes"])


def test_a_break_in_mid_object_is_passed_over(dav_door: Door, store: WebDavStore) -> None:
    """An object whose transfer breaks in the middle is read again; where it stays so the server is Unreachable."""
    store.create(BADGE, [b"0123456789"])
    dav_door.rules.append(faulty.times(1, faulty.cut_in_half, method="GET"))
    assert store.read(BADGE) == b"0123456789"
    dav_door.rules[:] = [faulty.cut_in_half]
    with pytest.raises(Unreachable):
        store.read(BADGE)


def test_a_server_without_ranges(dav_door: Door, store: WebDavStore) -> None:
    """Where a part is asked for and all comes, the part is cut out."""
    store.create(BADGE, [b"0123456789"])
    dav_door.rules.append(lambda call, serve: serve(call.without("Range")))
    assert store.read(BADGE, 3, 4) == b"3456"
    assert store.read(BADGE, 8) == b"89"
    assert store.read(BADGE, 20, 4) == b""


def test_a_locked_name_is_asked_for_again(dav_door: Door, store: WebDavStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that the server is about to give to somebody is asked for again, and not for ever."""
    monkeypatch.setattr(webdav, "LOCKED_PAUSE", 0.0)
    assert store.refuses
    dav_door.rules.append(faulty.times(2, faulty.status(423), method="MOVE"))
    store.create(BADGE, [b"1"])
    dav_door.rules[:] = [faulty.times(99, faulty.status(423), method="MOVE")]
    with pytest.raises(Unreachable):
        store.create(layout.config_name(1), [b"1"])


@pytest.mark.parametrize(("method", "status"), [("PUT", 507), ("PUT", 405), ("MOVE", 507)])
def test_a_full_server_is_told(dav_door: Door, store: WebDavStore, method: str, status: int) -> None:
    """A server without room is Full, also one that calls it a method it doesn't allow, as rclone does."""
    assert store.refuses
    dav_door.rules.append(faulty.times(1, faulty.status(status), method=method))
    with pytest.raises(Full):
        store.create(BADGE, [b"1"])
    with pytest.raises(Missing):
        store.read(BADGE)


def test_what_makes_room_may_use_the_reserve(dav_door: Door, store: WebDavStore, folder: Path) -> None:
    """On a full server what leads to room being made is kept all the same, and the reserve filled again later."""
    assert store.refuses
    dav_door.rules.append(faulty.times(2, faulty.status(507), method="PUT"))
    with pytest.raises(Full):
        store.create(BADGE, [b"1"])
    store.create(BADGE, [b"1"], urgent=True)
    assert not (folder / "reserve").exists()
    store.tidy()
    assert (folder / "reserve").stat().st_size == 4 << 20


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_forbidden_is_denied(dav_door: Door, store: WebDavStore, status: int) -> None:
    """A server that lets nobody in, or forbids, is Denied."""
    assert store.refuses
    dav_door.rules.append(faulty.status(status))
    for action in (lambda: store.read(BADGE), lambda: store.create(BADGE, [b"1"]), lambda: store.delete(BADGE)):
        with pytest.raises(Denied):
            action()


def test_another_address_is_not_followed(dav_door: Door, store: WebDavStore) -> None:
    """A server that sends us elsewhere isn't followed, with our password in hand; the address is told."""

    def elsewhere(_call: faulty.Call, _serve: faulty.Serve) -> faulty.Answer:
        return faulty.Answer(302, {"Location": "https://elsewhere.example/"})

    dav_door.rules.append(elsewhere)
    with pytest.raises(Denied, match=r"https://elsewhere\.example/"):
        store.read(BADGE)


@pytest.mark.parametrize(
    "body", [b"no XML", b'<!DOCTYPE a [<!ENTITY b "c">]><multistatus xmlns="DAV:">&b;</multistatus>']
)
def test_a_list_that_is_none(dav_door: Door, store: WebDavStore, body: bytes) -> None:
    """A list that isn't XML, or defines entities, is refused in words."""
    dav_door.rules.append(lambda _call, _serve: faulty.Answer(207, {}, body))
    with pytest.raises(Unreachable, match="can't be read"):
        list(store.list("keys"))


def test_addresses_in_lists_may_be_whole(dav_door: Door, store: WebDavStore) -> None:
    """A server may list its files by path or by whole address."""
    store.create(BADGE, [b"1"])

    def whole(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
        answer = serve(call)
        answer.body = answer.body.replace(b"<D:href>/", f"<D:href>{dav_door.address}/".encode())
        return answer

    dav_door.rules.append(whole)
    assert [one.name for one in store.list("keys")] == [BADGE]


def test_a_disk_that_is_not_there(dav_door: Door) -> None:
    """A folder that has gone isn't an empty repository: it is Unreachable."""
    with closing(WebDavStore(f"{dav_door.address}/gone")) as store:
        for action in (lambda: list(store.list("packs")), store.now, store.tidy, lambda: store.create(BADGE, [b"1"])):
            with pytest.raises(Unreachable, match="isn't there"):
                action()


def test_a_server_that_is_away_is_unreachable() -> None:
    """A server that doesn't answer is Unreachable."""
    with pytest.raises(Unreachable):
        WebDavStore(f"http://127.0.0.1:{servers.free_port()}").now()


def test_a_server_without_a_clock_is_told(dav_door: Door, store: WebDavStore) -> None:
    """A server that dates no answer can't say what time it is."""

    def undated(call: faulty.Call, serve: faulty.Serve) -> faulty.Answer:
        answer = serve(call)
        answer.headers = {name: value for name, value in answer.headers.items() if name != "Date"} | {"Date": ""}
        return answer

    dav_door.rules.append(undated)
    with pytest.raises(Unreachable, match="what time it is"):
        store.now()


def test_what_was_left_unfinished_goes(store: WebDavStore, folder: Path) -> None:
    """What was begun more than a day ago is dropped, what is younger stays."""
    old, young = folder / "tmp" / "old", folder / "tmp" / "young"
    for path in (old, young):
        path.write_bytes(b"1")
    yesterday = store.now() - 25 * 3600 * 10**9
    os.utime(old, ns=(yesterday, yesterday))
    store.tidy()
    assert left_over(folder) == [young]


def test_a_repository_lies_as_in_a_folder(store: WebDavStore, folder: Path) -> None:
    """What was put over WebDAV can be read where it lies."""
    store.create(BADGE, [b"over WebDAV"])
    assert LocalStore(folder).read(BADGE) == b"over WebDAV"


def test_a_password_lets_in(tmp_path: Path) -> None:
    """A server with a password lets in who has it, whatever letters it has, and nobody else."""
    with servers.rclone(tmp_path, "--user", "suite", "--pass", "pässword:@/") as (host, port):
        url = f"http://{host}:{port}/repository"
        store = WebDavStore(url, user="suite", password="pässword:@/")
        store.prepare()
        store.create(BADGE, [b"1"])
        assert store.read(BADGE) == b"1"
        for other in (WebDavStore(url, user="suite", password="password"), WebDavStore(url)):
            with closing(other), pytest.raises(Denied):
                other.read(BADGE)
        store.close()


@pytest.mark.parametrize(
    "said",
    ["<getcontentlength>many</getcontentlength>", "<getlastmodified>yesterday</getlastmodified>", "<unclosed>"],
)
def test_a_list_that_makes_no_sense(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """A server whose list can't be read counts as one that doesn't answer."""
    dav = Dav("http://127.0.0.1/here", "", "")
    response = f"<response><href>/here/a</href><propstat><prop>{said}</prop></propstat></response>"
    body = f'<multistatus xmlns="DAV:">{response}</multistatus>'
    monkeypatch.setattr(dav, "ask", lambda *_words: SimpleNamespace(content=body.encode()))
    with pytest.raises(Unreachable, match="can't be read"):
        dav.look("tmp")
