"""A repository can be mounted, and nothing in it can be changed that way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
import requests

from backup.engine.reading.dav import USER, Server
from backup.engine.reading.seekable import SnapshotFile
from tests.backup.conftest import Vault

LARGE = os.urandom(9 << 20)


class Client:
    def __init__(self, server: Server) -> None:
        self.url = server.url.rstrip("/")
        self._auth = (USER, server.password)

    def __call__(self, method: str, path: str, **options: object) -> requests.Response:
        return requests.request(method, self.url + path, auth=self._auth, timeout=30, **options)  # type: ignore[arg-type]

    def names(self, path: str) -> list[str]:
        answer = self("PROPFIND", path, headers={"Depth": "1"})
        assert answer.status_code == 207
        return [one.text or "" for one in ElementTree.fromstring(answer.content).iter("{DAV:}href")][1:]  # noqa: S314


@pytest.fixture
def full(vault: Vault) -> Vault:
    (vault.source / "folder").mkdir()
    (vault.source / "folder" / "é page.html").write_text("<script>")
    (vault.source / "large").write_bytes(LARGE)
    (vault.source / "link").symlink_to("large")
    with (vault.source / "disk").open("wb") as file:
        file.truncate(6 << 20)
        os.pwrite(file.fileno(), b"x" * 4096, 3 << 20)
    vault.save()
    return vault


@pytest.fixture
def client(full: Vault) -> Iterator[Client]:
    server = Server(full.as_reader())
    yield Client(server)
    server.close()


def test_browsing(client: Client, full: Vault) -> None:
    """Below each source lies each snapshot by its time, and in it files and folders, to be read whole or in parts."""
    (source,) = client.names("/")
    (snapshot,) = client.names(source)
    assert snapshot.startswith(source + "1970-01-01T00-00-00Z")
    assert sorted(name.removeprefix(snapshot) for name in client.names(snapshot)) == ["disk", "folder/", "large"]
    (page,) = client.names(snapshot + "folder/")
    answer = client("GET", page)
    assert answer.text == "<script>"
    assert answer.headers["Content-Type"].startswith("application/octet-stream"), "no page that was saved is run"
    assert client("GET", snapshot + "large").content == LARGE
    assert client("GET", snapshot + "disk").content == (full.source / "disk").read_bytes()
    for first, last in ((0, 0), (4 << 20, (4 << 20) + 99), (len(LARGE) - 5, len(LARGE) - 1)):
        part = client("GET", snapshot + "large", headers={"Range": f"bytes={first}-{last}"})
        assert (part.status_code, part.content) == (206, LARGE[first : last + 1])
    assert client("GET", snapshot + "none").status_code == 404
    assert client("GET", snapshot + "large/none").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "MKCOL", "MOVE", "COPY", "PROPPATCH", "LOCK", "POST"])
def test_nothing_can_be_changed(client: Client, full: Vault, method: str) -> None:
    """Every method that would change something is refused."""
    (source,) = client.names("/")
    (snapshot,) = client.names(source)
    headers = {"Destination": client.url + snapshot + "new"}
    assert client(method, snapshot + "large", data=b"x", headers=headers).status_code in (403, 405, 501)
    assert client("GET", snapshot + "large").content == LARGE


def test_only_with_the_password(client: Client) -> None:
    """Nobody else on this machine reads anything, and from outside it can't be reached."""
    assert client.url.startswith("http://127.0.0.1:")
    assert requests.get(client.url, timeout=30).status_code == 401
    assert requests.get(client.url, auth=(USER, "wrong"), timeout=30).status_code == 401


def test_any_part_of_a_file(full: Vault) -> None:
    """A file of a snapshot is read like any other, at any place, and a place in it costs one piece."""
    catalogue = full.catalogue()
    for name in ("large", "disk"):
        content = (full.source / name).read_bytes()
        with SnapshotFile(catalogue, catalogue.find(name.encode())) as file:
            assert file.read() == content
            for place in (0, 1, (3 << 20) - 1, 3 << 20, (3 << 20) + 4095, len(content) - 1, len(content), 1 << 40):
                file.seek(place)
                assert file.read(1) == content[place : place + 1]
            assert file.seek(-3, os.SEEK_END) == len(content) - 3
            assert file.read() == content[-3:]
