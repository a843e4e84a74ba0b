"""The Python client: written from the description, built, installed, and used against a running suite."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from core import access
from core.access.demo import build
from core.api.engine import python_client
from core.api.services import create_token

SOURCE = settings.ROOT / "clients" / "python"
DOCUMENT = json.loads((settings.ROOT / "docs" / "openapi.json").read_text())
EXAMPLES = [
    text
    for text in re.findall(r"```python\n(.*?)```", (settings.ROOT / "docs" / "api.md").read_text(), re.DOTALL)
    if "from suite_interhop" in text
]
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What a program gets that installs the wheel."""
    folder = tmp_path_factory.mktemp("client")
    for path in SOURCE.rglob("*"):
        if path.is_file() and path.parent.name not in ("api", "__pycache__"):
            target = folder / "source" / path.relative_to(SOURCE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    python_client.write(DOCUMENT, folder / "source" / "src" / "suite_interhop" / "api")
    run = [str(UV), "--quiet", "--offline"]
    subprocess.run([*run, "build", "--wheel", "--out-dir", folder / "dist", folder / "source"], check=True)
    [wheel] = (folder / "dist").glob("*.whl")
    subprocess.run([*run, "pip", "install", "--no-deps", "--target", folder / "site", wheel], check=True)
    assert (folder / "site" / "suite_interhop" / "py.typed").exists()
    sys.path.insert(0, str(folder / "site"))
    import suite_interhop  # type: ignore[import-not-found, unused-ignore]

    yield suite_interhop
    sys.path.remove(str(folder / "site"))


def test_the_same_description_gives_the_same_client() -> None:
    """It is written from docs/openapi.json alone, so it is as new as that is."""
    first, second = python_client.modules(DOCUMENT), python_client.modules(DOCUMENT)
    assert first == second
    for name, text in first.items():
        compile(text, name, "exec")


def test_every_operation_has_a_method() -> None:
    """Nothing that the description tells is left out, but the root, which lists the rest."""
    written = "".join(python_client.modules(DOCUMENT).values())
    for path in DOCUMENT["paths"].keys() - {"/api/v1/"}:
        place = re.sub(r"{(\w+)}", r"{\1}", path)
        assert written.count(f'"{place}"') == len(DOCUMENT["paths"][path].keys() - {"parameters"}), path


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_documentation(
    example: str, client: Any, live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/api.md shows works against a running suite."""
    del client
    world = build()
    owner = world.user["owner"]
    held = access.abilities(owner, world.project)
    _token, text = create_token(owner, world.project, "docs", held, timezone.now() + timedelta(days=1))
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/api.md", "exec"), {"address": live_server.url, "token": text})  # noqa: S102
    if "again.csv" in example:
        assert (tmp_path / "again.csv").read_bytes() == b"\xef\xbb\xbfage,lactate\r\n61,2.5\r\n47,1.1\r\n"


PRESCRIPTION = "DOLIPRANE 1000 mg : 1 cp matin et soir\nSERESTA 10 mg : 1/2 cp le soir"


def test_a_prescription_is_read_by_a_running_suite(client: Any, live_server: LiveServer, tmp_path: Path) -> None:
    """A text and a file come back as lines with their products, kept or not; what can't be read says why."""
    from suite_interhop import prescriptions  # type: ignore[import-not-found, unused-ignore]

    world = build()
    owner = world.user["owner"]
    held = access.abilities(owner, world.project)
    _token, text = create_token(owner, world.project, "client", held, timezone.now() + timedelta(days=1))
    file = tmp_path / "ordonnance.txt"
    file.write_text(PRESCRIPTION, encoding="utf-8")
    with client.Suite(live_server.url, token=text) as suite:
        kept = prescriptions.analyse(suite, world.project.slug, file)
        again = prescriptions.analyse(suite, world.project.slug, file)
        unkept = prescriptions.analyse(suite, world.project.slug, text=PRESCRIPTION, keep=False)
        assert kept.id is not None
        assert (again.id, unkept.id) == (kept.id, None)
        for found in (kept, again, unkept):
            assert [line.medication["name"] for line in found.lines] == ["DOLIPRANE", "SERESTA"]
            assert found.lines[0].products[0].name.startswith("DOLIPRANE 1000 mg")
        broken = tmp_path / "scan.pdf"
        broken.write_bytes(b"nothing")
        with pytest.raises((prescriptions.Unread, client.Invalid)):
            prescriptions.analyse(suite, world.project.slug, broken)


@pytest.fixture
def speaking(client: Any) -> Callable[..., tuple[Any, list[httpx.Request], list[float]]]:
    """A suite that answers one thing after the other; with it, what it was sent and how long was waited."""

    def speaking(*answers: httpx.Response | Exception) -> tuple[Any, list[httpx.Request], list[float]]:
        sent, waited, left = list[httpx.Request](), list[float](), list(answers)

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            given = left.pop(0)
            if isinstance(given, Exception):
                raise given
            return given

        suite = client.Suite("https://x", "t", transport=httpx.MockTransport(answer), pause=waited.append)
        return suite, sent, waited

    return speaking


SUBJECT = {"id": "6f1b8f7a-6d0e-4c6e-9a53-0b9f0c3f7a11", "project": "p", "site": "BRO", "number": "BRO-001"}
SUBJECT |= {"created_at": "2026-11-28T21:00:00Z", "something_new": 1}


def test_a_change_is_sent_again_under_its_key(speaking: Callable[..., Any]) -> None:
    """Where the network fails the same key goes out again; the suite says how long to wait, and it is waited."""
    full = httpx.Response(503, headers={"Retry-After": "7"})
    suite, sent, waited = speaking(httpx.ConnectError("away"), full, httpx.Response(201, json=SUBJECT))
    made = suite.ecrf.subjects.create({"project": "p", "site": "BRO"})
    assert (made.number, made.created_at.year, str(made.id)) == ("BRO-001", 2026, SUBJECT["id"])
    assert len({request.headers["Idempotency-Key"] for request in sent}) == 1
    assert [request.content for request in sent] == [b'{"project":"p","site":"BRO"}'] * 3
    assert (len(waited), waited[1]) == (2, 7)


def test_what_stays_away_is_told(client: Any, speaking: Callable[..., Any]) -> None:
    """After the last try, and where the wait would be long, the program is told."""
    suite, sent, _waited = speaking(*[httpx.ConnectError("away")] * 4)
    with pytest.raises(httpx.ConnectError):
        suite.me.get()
    assert len(sent) == 4
    suite, sent, waited = speaking(httpx.Response(429, headers={"Retry-After": "3600"}, json={"title": "Too much"}))
    with pytest.raises(client.TooMany) as told:
        suite.me.get()
    assert (told.value.retry_after, told.value.title, waited, len(sent)) == (3600, "Too much", [], 1)


def test_problems_are_exceptions(client: Any, speaking: Callable[..., Any]) -> None:
    """Each kind has its class, its stable type and its faults; a proxy's own page is a problem too."""
    said = {
        "type": "urn:suite-interhop:problem:invalid", "title": "No.", "status": 422, "request_id": "r1",
        "errors": [{"place": "site", "code": "required", "message": "Needed."}],
    }  # fmt: skip
    suite, _sent, _waited = speaking(httpx.Response(422, json=said), httpx.Response(404, text="<html>"))
    with pytest.raises(client.Invalid, match="site: Needed") as told:
        suite.ecrf.subjects.create({"project": "p", "site": ""})
    assert (told.value.code, told.value.request_id, told.value.errors[0].code) == ("invalid", "r1", "required")
    with pytest.raises(client.NotFound):
        suite.me.get()


def test_a_file_that_breaks_off_is_no_file(speaking: Callable[..., Any], tmp_path: Path) -> None:
    """What came only in part is left under no name."""

    def broken() -> Iterator[bytes]:
        yield b"PAR1"
        raise httpx.ReadError("away")

    suite, _sent, _waited = speaking(httpx.Response(200, content=broken()))
    with (
        suite.datasets.versions.download(SUBJECT["id"], form="parquet") as file,
        pytest.raises(httpx.ReadError),
    ):
        file.save(tmp_path / "labs.parquet")
    assert list(tmp_path.iterdir()) == []
