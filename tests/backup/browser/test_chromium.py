"""In a real browser, under the suite's own policy, the worker opens, restores and seals, and the page stays alive."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from backup.engine.format import keyfile
from backup.engine.sealing.unseal import unseal
from tests.backup.browser.conftest import REPORT
from tests.backup.browser.portal import Portal, serving
from tests.backup.keeping.conftest import Depot
from tests.e2e.conftest import chromium  # noqa: F401 (a fixture)

ROOT = Path(__file__).parents[3]
HTML = b'<!doctype html><title>Test</title><script type="module" src="/page.js"></script><input type="file">'
WITHOUT_PICKER = "delete window.showSaveFilePicker"
WITHOUT_STORE = "navigator.storage.getDirectory = () => Promise.reject(new DOMException('private window'))"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, bytes]]:
    """The page and the scripts that it loads."""
    folder = tmp_path_factory.mktemp("bundle")
    subprocess.run(["node", "tests/backup/browser/bundle.mjs", str(folder)], cwd=ROOT, check=True)
    scripts = {f"/{path.relative_to(folder)}": ("text/javascript", path.read_bytes()) for path in folder.rglob("*.js")}
    return {"/": ("text/html", HTML)} | scripts


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@dataclass
class Tab:
    page: Page
    portal: Portal

    def run(self, method: str, *arguments: Any) -> Any:
        return self.page.evaluate("([method, args]) => window.backup[method](...args)", [method, list(arguments)])

    def open(self, depot: Depot, passphrase: str = "") -> Any:
        args = {
            "keyfile": keyfile.dump(depot.reader, passphrase),
            "passphrase": passphrase,
            "store": self.portal.address(),
        }
        return self.run("turns", "open", args)


@contextmanager
def tab(browser: Browser, depot: Depot, files: dict[str, tuple[str, bytes]], script: str = "") -> Iterator[Tab]:
    """A tab before the portal; nothing that the suite's policy forbids may happen in it."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    policy = "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())
    with serving(depot.store, files, {"Content-Security-Policy": policy}) as portal:
        context = browser.new_context(accept_downloads=True)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(portal.base)
        page.wait_for_selector("html[data-ready]", state="attached")
        yield Tab(page, portal)
        assert page.evaluate("window.backup.violations") == []
        assert faults == []
        context.close()


@pytest.mark.e2e
def test_restoring(chromium: Browser, depot: Depot, files: dict[str, tuple[str, bytes]]) -> None:  # noqa: F811
    """A protected key opens while the page lives on; what is restored is a download, and nothing stays behind."""
    contents = {"dossier/é.bin": depot.noise(12 << 20), "a.txt": b"bonjour"}
    snapshot = depot.save(contents).snapshot.hex()
    with tab(chromium, depot, files, WITHOUT_PICKER) as one:
        opened = one.open(depot, "un château de cartes")
        assert opened["value"]["role"] == "reader"
        assert opened["turns"] >= 10
        listing = one.run("call", "snapshots", {})
        assert [row["id"] for row in listing["snapshots"]] == [snapshot]
        with one.page.expect_download() as coming:
            assert one.run("save", {"name": "tout.zip"}, "zip", {"snapshot": snapshot}) == "saved"
        assert coming.value.suggested_filename == "tout.zip"
        with zipfile.ZipFile(coming.value.path()) as archive:
            assert {name: archive.read(name) for name in contents} == contents
            assert json.loads(archive.read(REPORT))["problems"] == []
        assert len(one.run("stored")) == 1
        one.page.reload()
        one.page.wait_for_selector("html[data-ready]", state="attached")
        assert one.run("emptied")
        assert not any("keyfile" in path or "BEGIN" in path for path in one.portal.asked)


@pytest.mark.e2e
def test_damaged(chromium: Browser, depot: Depot, files: dict[str, tuple[str, bytes]]) -> None:  # noqa: F811
    """A file that turns out damaged is no download, in part or whole, and the person is told."""
    snapshot = depot.save({"a": depot.noise(12 << 20)}).snapshot.hex()
    pack, raw = max(((name, depot.store.objects[name][0]) for name in depot.packs()), key=lambda one: len(one[1]))
    with tab(chromium, depot, files, WITHOUT_PICKER) as one:
        one.open(depot)
        one.portal.changed = {pack: flipped(raw, 9_000_000)}
        save = ("save", {"name": "a", "size": 12 << 20}, "file", {"snapshot": snapshot, "path": "a"})
        assert one.run(*save)["kind"] == "damaged"
        assert one.run("stored") == []
        one.page.evaluate(f"() => {{ {WITHOUT_STORE} }}")
        assert one.run(*save)["kind"] == "damaged"


@pytest.mark.e2e
def test_a_chosen_place(chromium: Browser, depot: Depot, files: dict[str, tuple[str, bytes]]) -> None:  # noqa: F811
    """Where the person chooses a file it is written as it comes, and takes its content only once all of it is there."""
    snapshot = depot.save({"a": b"bonjour", "large": depot.noise(12 << 20)}).snapshot.hex()
    pack, raw = max(((name, depot.store.objects[name][0]) for name in depot.packs()), key=lambda one: len(one[1]))
    with tab(chromium, depot, files) as one:
        one.open(depot)
        one.run("choosing", "chosen")
        where = {"snapshot": snapshot, "path": "a"}
        assert one.run("save", {"name": "a"}, "file", where) == "saved"
        assert one.run("written") == {"size": 7, "text": "bonjour"}
        one.portal.changed = {pack: flipped(raw, 9_000_000)}
        assert one.run("save", {"name": "a"}, "file", where | {"path": "large"})["kind"] == "damaged"
        assert one.run("written") == {"size": 7, "text": "bonjour"}


@pytest.mark.e2e
def test_a_private_window(chromium: Browser, depot: Depot, files: dict[str, tuple[str, bytes]]) -> None:  # noqa: F811
    """A browser that can only hold a file in memory saves small ones, and says clearly that it can't save larger."""
    content = depot.noise(5 << 20)
    snapshot = depot.save({"a": content}).snapshot.hex()
    with tab(chromium, depot, files, f"{WITHOUT_PICKER}; {WITHOUT_STORE}") as one:
        one.open(depot)
        with one.page.expect_download() as coming:
            assert one.run("save", {"name": "a"}, "file", {"snapshot": snapshot, "path": "a"}) == "saved"
        assert Path(coming.value.path()).read_bytes() == content
        said = one.run("save", {"name": "a", "size": 600 << 20}, "file", {"snapshot": snapshot, "path": "a"})
        assert said["kind"] == "too-large"
        assert said["message"].startswith("this browser can save up to 512 MB at once")


@pytest.mark.e2e
def test_sealing(chromium: Browser, depot: Depot, files: dict[str, tuple[str, bytes]], tmp_path: Path) -> None:  # noqa: F811
    """A file chosen in the page is sealed there, name and type inside, and opens with the link and the passphrase."""
    content = os.urandom(9 << 20)
    (tmp_path / "radio é.pdf").write_bytes(content)
    with tab(chromium, depot, files) as one:
        one.page.set_input_files("input", tmp_path / "radio é.pdf")
        made = one.run("seal", "œuf")
    raw = base64.b64decode(made["object"])
    assert len(raw) == made["size"]
    opened = unseal(io.BytesIO(raw), made["link"], "œuf")
    assert (opened.about.name, opened.about.type) == ("radio é.pdf", "application/pdf")
    assert abs((opened.about.modified or 0) - (tmp_path / "radio é.pdf").stat().st_mtime_ns) < 10**6
    assert b"".join(opened.content) == content
