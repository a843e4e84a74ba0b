"""Servers with certificates of their own, valid or not, from an authority that only the tests know."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


class Authority:
    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = named("Tests")
        self.file = folder / "authority.pem"
        made = self.certificate(self.name, self.key, 3650, x509.BasicConstraints(ca=True, path_length=None))
        self.file.write_bytes(made)

    def certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: float, extension: x509.ExtensionType
    ) -> bytes:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=False)
        builder = builder.not_valid_before(now - timedelta(days=90)).not_valid_after(now + timedelta(days=days))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    @contextmanager
    def server(self, *, days: float, name: str = "localhost") -> Iterator[tuple[int, list[bytes]]]:
        """A server whose certificate is good for so many days, or expired so long ago; its port, and what it heard."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.folder / "server.pem"
        file.write_bytes(private + self.certificate(named(name), key, days, names))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        heard: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=serve, args=(listener, context, heard), daemon=True)
            thread.start()
            yield listener.getsockname()[1], heard
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def serve(listener: socket.socket, context: ssl.SSLContext, heard: list[bytes]) -> None:
    """Answer whoever comes, until the listener is shut."""
    while True:
        try:
            plain, _address = listener.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(plain, server_side=True) as link:
                heard.append(link.recv(65536))
                link.sendall(ANSWER)
        except OSError:
            plain.close()  # who doesn't like the certificate hangs up


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
