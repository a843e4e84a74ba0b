"""Secrets of second factors are sealed: who steals the database can't make codes."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from django.db import transaction

from core.vault import engine, services
from core.vault.engine import Unopenable

CONTEXT = "accounts.second_factor"


class SealingAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return base64.b64encode(services.seal(None, text.encode(), CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return services.open(None, base64.b64decode(encrypted_text), CONTEXT).decode()


SECRETS = ("secret", "seed")
"""What allauth seals of a factor: of a code generator, and of recovery codes."""


def left(version: int) -> list[int]:
    """The factors in which another version of the instance's key than this sealed something."""
    from allauth.mfa.models import Authenticator

    rows = Authenticator.objects.filter(data__has_any_keys=SECRETS).order_by("pk")
    return [pk for pk, data in rows.values_list("pk", "data") if stale(data, version)]


def stale(data: dict[str, str], version: int) -> list[str]:
    """Which secrets of a factor another version sealed."""
    found = []
    for name in SECRETS:
        try:
            if name in data and engine.version_of(base64.b64decode(data[name])) != version:
                found.append(name)
        except (ValueError, Unopenable):
            continue  # not sealed at all: allauth would not open it either
    return found


def reseal(version: int) -> int:
    """Seal them anew, each in a transaction of its own; gives how many."""
    from allauth.mfa.models import Authenticator

    adapter, count = SealingAdapter(), 0
    for pk in left(version):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            for name in stale(row.data, version):
                row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
                count += 1
            row.save(update_fields=["data"])
    return count
