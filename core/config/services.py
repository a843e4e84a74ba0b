"""One database address and one Redis address, spelled the way each library wants them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

CACHE, BROKER, CHANNELS = 0, 2, 4
"""Numbers of the Redis databases, so that emptying one use leaves the others."""


def database(url: str) -> dict[str, Any]:
    """Django's database settings for a libpq address."""
    info = conninfo_to_dict(url)
    options = {
        name: value for name, value in info.items() if name not in ("dbname", "user", "password", "host", "port")
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": info.get("dbname", ""),
        "USER": info.get("user", ""),
        "PASSWORD": info.get("password", ""),
        "HOST": info.get("host", ""),
        "PORT": str(info.get("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
    }


def redis(url: str, number: int) -> str:
    """The address of one numbered database, for redis-py, Channels and Django's cache."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return f"{parts.scheme}://{parts.netloc}/{number}"


def broker(url: str) -> str:
    """The same for Celery, which names a socket differently."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host={BROKER}"
    return f"{parts.scheme}://{parts.netloc}/{BROKER}"
