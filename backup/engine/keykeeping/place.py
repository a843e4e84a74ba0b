"""Where in a token a key is: a PKCS#11 URI (RFC 7512)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from backup.engine.errors import KeyRefused
from backup.engine.keykeeping.private_files import read_private

PREFIX = "pkcs11:"
Ask = Callable[[str], str]
"""Asks a person for a secret: it is given what to ask for."""


@dataclass(frozen=True)
class Place:
    """A key by the label of its objects, in a token, by way of a library."""

    module: str
    token: str
    label: str
    pin_file: str = ""

    @classmethod
    def parse(cls, uri: str, module: str = "") -> Place:
        """`pkcs11:token=…;object=…?module-path=…&pin-source=…`; a module given here serves where the URI has none."""
        path, _, query = uri.removeprefix(PREFIX).partition("?")
        named = {name: unquote(value) for name, _, value in (one.partition("=") for one in path.split(";"))}
        asked = dict(parse_qsl(query))
        place = cls(
            module=asked.get("module-path", module),
            token=named.get("token", ""),
            label=named.get("object", ""),
            pin_file=asked.get("pin-source", "").removeprefix("file:"),
        )
        if not (place.module and place.token and place.label):
            raise KeyRefused("name token, object and module: pkcs11:token=…;object=…?module-path=…")
        return place

    def pin(self, ask: Ask) -> str:
        if self.pin_file:
            return read_private(Path(self.pin_file)).rstrip("\r\n")
        return ask(f"PIN of the token {self.token}")
