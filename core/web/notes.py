"""The words that wait for the next page («Saved.»), in a cookie that only this host sets and gets."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class Cookie(CookieStorage):
    cookie_name = settings.COOKIE_PREFIX + "messages"


class Storage(FallbackStorage):
    storage_classes = (Cookie, SessionStorage)
