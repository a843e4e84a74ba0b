"""One database address and one Redis address, spelled the way each library wants them."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from psycopg.conninfo import conninfo_to_dict

CACHE, BROKER, CHANNELS = 0, 2, 4
"""Numbers of the Redis databases, so that emptying one use leaves the others."""
TLS_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
POOL = 8
"""Connections to PostgreSQL that one process may hold."""


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
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": POOL, "timeout": 5}},
    }


def redis(url: str, number: int) -> str:
    """The address of one numbered database, for redis-py, Channels and Django's cache; options of TLS stay in it."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return f"{parts.scheme}://{parts.netloc}/{number}{'?' * bool(parts.query)}{parts.query}"


def broker(url: str) -> str:
    """The same for Celery, which names a socket differently."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host={BROKER}"
    return f"{parts.scheme}://{parts.netloc}/{BROKER}"


def broker_tls(url: str) -> dict[str, Any] | None:
    """How Celery proves who the broker is, for it would else believe anybody; None where TLS isn't spoken."""
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return None
    told = {name: value for name, value in parse_qsl(parts.query) if name in TLS_FILES}
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **told}
