"""The settings are read once, at the start, and all their faults are told together."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import env, services

ROOT = Path(__file__).resolve().parents[3]
KEY = base64.b64encode(bytes(range(32))).decode()
WHOLE = {
    "DATABASE_URL": "postgresql:///none",
    "REDIS_URL": "unix:///none",
    "SECRET_KEY": "x" * 50,
    "VAULT_KEY": KEY,
    "AUDIT_KEY": KEY,
    "DATA_DIR": "var",
}


@pytest.mark.parametrize("wrong", [KEY[:-5], KEY + KEY, "not base64 !", KEY[:20] + "é" + KEY[21:], "A" * 44])
@pytest.mark.parametrize("name", ["AUDIT_KEY", "AUDIT_OLD_KEYS"])
def test_an_unreadable_key_stops_the_start(name: str, wrong: str) -> None:
    """A key of the audit trail that isn't 32 bytes in base64 is told by the name of its setting, without the key."""
    with pytest.raises(env.BadSettings) as stop:
        env.load({**WHOLE, name: wrong})
    assert str(stop.value) == f"The suite can't start:\n- {name}: a key isn't 32 bytes in base64"


def test_older_keys_are_several() -> None:
    """AUDIT_OLD_KEYS holds public keys separated by commas; without it there are none."""
    assert env.load(WHOLE)["AUDIT_OLD_KEYS"] == []
    assert env.load({**WHOLE, "AUDIT_OLD_KEYS": f"{KEY}, {KEY}"})["AUDIT_OLD_KEYS"] == [KEY, KEY]


def test_a_process_with_an_unreadable_key_says_one_line() -> None:
    """The start ends with the fault and no stack trace, whichever process it is."""
    command = [sys.executable, "-m", "django", "check"]
    environ = {**os.environ, **WHOLE, "AUDIT_KEY": "x", "DJANGO_SETTINGS_MODULE": "core.config.settings"}
    environ.pop("AUDIT_KEY_FILE", None)
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "The suite can't start:\n- AUDIT_KEY: a key isn't 32 bytes in base64\n"


def test_the_broker_is_verified() -> None:
    """By TLS nobody else is believed to be the broker, and an authority of the house may be named in the address."""
    assert services.broker_tls("redis://valkey:6379") is None
    address = "rediss://:word@valkey:6379?ssl_ca_certs=/etc/ca.pem"
    told = services.broker_tls(address)
    assert told == {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, "ssl_ca_certs": "/etc/ca.pem"}
    assert services.redis(address, 0).endswith("/0?ssl_ca_certs=/etc/ca.pem")
