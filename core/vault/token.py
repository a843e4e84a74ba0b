"""An instance key that never leaves a token (PKCS#11): data keys are wrapped and unwrapped inside it.

What it wraps has the layout of every sealed value (engine.py), with a selector of zeros: the token encrypts with the
key itself, under a nonce of its own for each data key, of which there are far fewer than 2**32.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from core.vault import engine
from core.vault.engine import Unopenable

SELECTOR = bytes(12)


class Token:
    """One AES key of 256 bits, by its label, in one token. A session lives as long as one act; one act at a time."""

    def __init__(self, module: str, token: str, pin: str, key: str) -> None:
        """`key` is ``version:label``. Raises ImproperlyConfigured."""
        version, colon, self.label = key.partition(":")
        if not (colon and version.isdigit() and 1 <= int(version) <= engine.NEWEST_VERSION and self.label):
            raise ImproperlyConfigured("PKCS11_KEY isn't version:label, for example 2:suite.")
        self.version, self._module, self._token, self._pin = int(version), module, token, pin
        self._lock = threading.Lock()

    @contextmanager
    def _key(self) -> Iterator[Any]:
        try:
            import pkcs11
        except ImportError:
            raise ImproperlyConfigured("PKCS11_KEY needs python-pkcs11: install the extra pkcs11.") from None
        with self._lock:
            try:
                library = pkcs11.lib(self._module)
                with library.get_token(token_label=self._token).open(user_pin=self._pin) as session:
                    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY, pkcs11.Attribute.LABEL: self.label}
                    found = list(session.get_objects(wanted))
                    if len(found) != 1:
                        raise ImproperlyConfigured(f"PKCS11_KEY: the token says that it has {len(found)} such keys.")
                    yield found[0]
            except (pkcs11.PKCS11Error, RuntimeError) as error:
                raise ImproperlyConfigured(f"PKCS11_KEY: the token says {type(error).__name__}.") from None

    def wrap(self, secret: bytes, bound_to: bytes) -> bytes:
        import pkcs11

        header, nonce = engine.header_of(self.version), os.urandom(12)
        with self._key() as key:
            how = pkcs11.GCMParams(nonce, header + bound_to, 128)
            wrapped = key.encrypt(secret, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=how)
            return header + SELECTOR + nonce + bytes(wrapped)

    def unwrap(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises Unopenable where it isn't what this key wrapped for this place."""
        import pkcs11

        header, nonce = sealed[:3], sealed[15:27]
        with self._key() as key:
            how = pkcs11.GCMParams(nonce, header + bound_to, 128)
            try:
                return bytes(key.decrypt(sealed[27:], mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=how))
            except pkcs11.PKCS11Error:
                raise Unopenable from None
