"""The sealed events reach a syslog receiver over TLS, each at least once, whatever happens to the receiver."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection, transaction

from core import audit
from core.audit import sealing
from core.audit.models import Event, Link
from core.config.env import syslog as parse
from core.journal import feed
from core.journal.models import Cursor
from core.tool import Level


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate that signs itself, for a host."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{host}.pem", folder / f"{host}.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


class Receiver:
    """A syslog server that keeps what it reads; `behave` says how each connection ends."""

    def __init__(self, public: Path, private: Path) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(public, private)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received: list[str] = []
        self.behave = "well"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                plain, _address = self.listener.accept()
            except OSError:
                return
            try:
                self.receive(plain)
            except OSError:
                plain.close()

    def receive(self, plain: socket.socket) -> None:
        with self.context.wrap_socket(plain, server_side=True) as secure:
            if self.behave == "dies":
                secure.recv(10)
                secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            raw = b""
            while part := secure.recv(65536):
                raw += part
            self.received += frames(raw)
            if self.behave == "well":
                secure.unwrap()


def frames(raw: bytes) -> list[str]:
    """The messages of a stream by their octet counts (RFC 6587, section 3.4.1); nothing is left between them."""
    found = []
    while raw:
        count, _space, rest = raw.partition(b" ")
        found.append(rest[: int(count)].decode())
        raw = rest[int(count) :]
    return found


@pytest.fixture
def receiver(tmp_path: Path, settings: Any) -> Iterator[Receiver]:
    public, private = certificate(tmp_path, "localhost")
    receiver = Receiver(public, private)
    settings.AUDIT_SYSLOG = f"tcp+tls://localhost:{receiver.port}"
    settings.AUDIT_SYSLOG_CA = str(public)
    yield receiver
    receiver.listener.close()


@pytest.fixture
def sealed(transactional_db: None) -> Callable[[int], None]:
    def sealed(count: int) -> None:
        for number in range(count):
            audit.record(None, "audit.journal_read", number=number)
        sealing.seal()

    return sealed


def numbers(receiver: Receiver) -> list[int]:
    return [int(re.search(r' sequence="(\d+)"', text)[1]) for text in receiver.received]  # type: ignore[index]


def now_due() -> None:
    Cursor.objects.update(next_at=None)


def test_sealed_events_are_sent_once_and_in_order(receiver: Receiver, sealed: Callable[[int], None]) -> None:
    """What has its seal is sent, what waits for it is not; asked again, nothing is sent twice."""
    sealed(3)
    audit.record(None, "audit.journal_read")
    assert feed.feed() == 3
    assert numbers(receiver) == [1, 2, 3]
    assert "read the audit trail" in receiver.received[0]
    assert feed.feed() == 0
    assert feed.health().level is Level.GOOD


def test_that_the_journal_leaves_stands_in_it_once_a_day(receiver: Receiver, sealed: Callable[[int], None]) -> None:
    """One event a day and receiver, or the feed would cause its own next message for ever."""
    sealed(2)
    feed.feed()
    for _number in range(3):
        sealing.seal()
        feed.feed()
    told = Event.objects.get(action="audit.journal_fed")
    assert told.details["receiver"] == f"localhost:{receiver.port}"
    assert numbers(receiver) == [1, 2, 3]


def test_a_receiver_that_is_away_loses_nothing(
    receiver: Receiver, sealed: Callable[[int], None], settings: Any
) -> None:
    """The events wait, the health page tells, and they come when it answers."""
    there = settings.AUDIT_SYSLOG
    settings.AUDIT_SYSLOG = "tcp+tls://localhost:1"
    sealed(2)
    assert feed.feed() == 0
    assert feed.health().level is Level.WARNING
    Cursor.objects.update(failures=9)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_event SET at = at - interval '1 hour'")
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
    assert feed.health().level is Level.FAILED
    settings.AUDIT_SYSLOG = there
    assert feed.feed() == 0, "it is not tried again before its time"
    now_due()
    assert feed.feed() == 2
    assert numbers(receiver) == [1, 2]
    assert Cursor.objects.get().failures == 0


@pytest.mark.parametrize(("behave", "count"), [("dies", 0), ("silent", 2)])
def test_only_what_was_read_counts(receiver: Receiver, sealed: Callable[[int], None], behave: str, count: int) -> None:
    """A receiver that dies gets all of it again; one that closes without TLS's own word has read it nevertheless."""
    receiver.behave = behave
    sealed(2)
    assert feed.feed() == count
    receiver.behave = "well"
    now_due()
    feed.feed()
    assert numbers(receiver) == [1, 2]


def test_the_receiver_must_be_who_he_says(
    receiver: Receiver, sealed: Callable[[int], None], settings: Any, tmp_path: Path
) -> None:
    """A certificate for another name, or of an authority that isn't trusted, gets nothing."""
    sealed(1)
    trusted = settings.AUDIT_SYSLOG_CA
    settings.AUDIT_SYSLOG_CA = ""
    assert feed.feed() == 0
    settings.AUDIT_SYSLOG_CA, settings.AUDIT_SYSLOG = trusted, f"tcp+tls://127.0.0.1:{receiver.port}"
    now_due()
    assert feed.feed() == 0
    assert receiver.received == []
    assert "not valid for" in Cursor.objects.get().error


def test_two_at_once_send_nothing_twice(receiver: Receiver, sealed: Callable[[int], None]) -> None:
    """While one process holds the cursor, another goes away."""
    sealed(2)
    feed.feed()
    sealed(2)
    with transaction.atomic():
        Cursor.objects.select_for_update().get()
        other: list[int] = []
        thread = threading.Thread(target=lambda: (other.append(feed.feed()), connection.close()))
        thread.start()
        thread.join()
    assert other == [0]
    assert Link.objects.count() == 5
    assert feed.feed() == 3


@pytest.mark.parametrize("wrong", ["udp://h:1", "tcp+tls://h", "h:6514", "tcp://far.example:601", "tcp+tls://h:1/x"])
def test_an_address_that_is_none(wrong: str) -> None:
    """A receiver is reached by TLS, with a port; in the clear only on this machine itself."""
    with pytest.raises(ValueError, match="say tcp"):
        parse(wrong)
    assert parse("tcp://localhost:601")
