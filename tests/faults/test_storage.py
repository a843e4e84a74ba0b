"""Keys renewed while workers die, a gigabyte in bounded memory, too much refused early, a disk that is really full."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.vault import engine
from tests.faults.instance import Instance

GIGABYTE = 1 << 30
BLOCK = b"270019;71;sepsis grave;CHU de Broceliande;2026-11-29\n" * 20_000
MOST_MEMORY = 300 << 20
"""Bytes by which the server may grow while it takes a gigabyte."""
VALUES = 15_000

pytestmark = pytest.mark.slow


class Storage:
    """An instance with its web server, and a hand to prepare it with."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.hand = instance.spawn(sys.executable, "-m", "tests.faults.world", pipes=True)
        self.who = self.do("people")
        command = (sys.executable, "-m", "uvicorn", "core.config.asgi:application", "--port", str(self.port))
        self.server = instance.spawn(*command, "--log-level", "warning")
        instance.wait_until(self.is_up)
        self.data = Path(instance.environ["DATA_DIR"])

    def do(self, *words: str) -> Any:
        assert self.hand.stdin is not None
        assert self.hand.stdout is not None
        self.hand.stdin.write(" ".join(words).encode() + b"\n")
        self.hand.stdin.flush()
        answer = self.hand.stdout.readline()
        assert answer, f"it has died; see {self.instance.log.name}"
        return json.loads(answer)

    def is_up(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except OSError:
            return False

    def memory(self) -> int:
        """The most bytes that the server has had."""
        status = Path(f"/proc/{self.server.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM:"))

    def drafts(self) -> list[Path]:
        return list((self.data / "drafts").iterdir())

    def begin(self, size: int) -> tuple[http.client.HTTPConnection, bytes]:
        """The head of an upload of so many bytes by the page, and what follows the file."""
        mark = "faults"
        fields = {"title": "Big", "name": "big", "sensitivity": "pseudonymised", "csrfmiddlewaretoken": "a" * 32}
        head = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n'
        head += "Content-Type: text/csv\r\n\r\n"
        tail = f"\r\n--{mark}--\r\n".encode()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        link.putrequest("POST", f"/projects/{self.who['project']}/datasets/new/file/", skip_host=True)
        headers = {
            "Host": "localhost",
            "Accept-Language": "en",
            "Cookie": f"sessionid={self.who['session']}; csrftoken={'a' * 32}",
            "Origin": "http://localhost:8000",
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Content-Length": str(len(head) + size + len(tail)),
        }
        for name, value in headers.items():
            link.putheader(name, value)
        link.endheaders(head.encode())
        return link, tail


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    instance = Instance(tmp_path_factory.mktemp("storage") / "var")
    try:
        instance.start()
        yield Storage(instance)
    finally:
        instance.stop()


def test_a_worker_dies_in_mid_renewal(running: Storage) -> None:
    """kill -9 while the instance's own data key is renewed: another worker seals the rest, and everything opens."""
    instance = running.instance
    assert running.do("views", str(VALUES)) == VALUES
    job = running.do("renew")
    new = "SELECT count(*) FROM desk_view WHERE substr(query, 1, 3) = '\\x" + engine.header_of(2).hex() + "'"
    for share in (0.1, 0.4, 0.6):
        instance.wait_until(lambda share=share: instance.number(new) > share * VALUES)
        instance.kill_worker()
        assert instance.number(new) < VALUES, "the blow must fall in the middle"
        instance.start_worker()
    instance.wait_until(lambda: instance.ask("SELECT state FROM jobs_job WHERE id = %s", job) == [("done",)])
    assert instance.number(new) == VALUES
    assert running.do("queries") == VALUES
    assert instance.ask("SELECT attempts FROM jobs_job WHERE id = %s", job)[0][0] >= 3


def test_a_gigabyte_in_bounded_memory(running: Storage, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of a gigabyte is taken whole by the page, and the server grows by little."""
    size = GIGABYTE // len(BLOCK) * len(BLOCK)
    before = running.memory()
    link, tail = running.begin(size)
    for _number in range(size // len(BLOCK)):
        link.send(BLOCK)
    link.send(tail)
    answer = link.getresponse()
    assert answer.status == 303, answer.read()
    link.close()
    assert running.do("stored") == [size]
    grown = running.memory() - before
    assert grown < MOST_MEMORY
    assert running.drafts() == []
    with capsys.disabled():
        print(f"\n{size >> 20} MiB taken, the server grew by {grown >> 20} MiB")


def test_a_gigabyte_too_much_is_refused_early(running: Storage) -> None:
    """Where the project has room for less, nothing of the file is asked for: 413, with how much it may store."""
    sizes = running.do("stored")
    running.do("limit", str(sum(sizes) + 100_000_000))
    link, _tail = running.begin(GIGABYTE)
    answer = link.getresponse()
    text = answer.read().decode().replace("\xa0", " ")
    link.close()
    assert (answer.status, answer.getheader("Connection")) == (413, "close")
    assert "stores 1.1 GB of the 1.2 GB it may store" in text
    assert running.do("stored") == sizes
    assert running.drafts() == []
    running.do("limit", "0")


def test_a_full_disk_in_mid_upload(running: Storage) -> None:
    """On a disk that really fills up, the person is told with 507, and nothing is left of what was sent."""
    sizes, folder = running.do("stored"), running.data / "drafts"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16M", "tmpfs", str(folder)], capture_output=True)
    assert mounted.returncode == 0, f"only root may mount a small disk: {mounted.stderr.decode().strip()}"
    try:
        link, _tail = running.begin(GIGABYTE)
        try:
            for _number in range(60):
                link.send(BLOCK)
        except OSError:
            pass  # the server has answered and reads no more
        answer = link.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (507, "close")
        assert "no room left on the server" in answer.read().decode()
        assert running.drafts() == []
        link.close()
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    assert running.do("stored") == sizes
