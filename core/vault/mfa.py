"""Secrets of second factors are sealed: who steals the database can't make codes."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter

from core.vault import services

CONTEXT = "accounts.second_factor"


class SealingAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return base64.b64encode(services.seal(None, text.encode(), CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return services.open(None, base64.b64decode(encrypted_text), CONTEXT).decode()
