"""The instance key inside a token: wrapped and unwrapped there, and renewed from one source to another."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core import vault
from core.vault import engine, keys
from core.vault.engine import Unopenable
from core.vault.models import ProjectKey
from core.vault.token import Token

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")
MODULE = next((name for name in MODULES if Path(name).exists()), "")
MAKE = """
import sys, pkcs11
with pkcs11.lib(sys.argv[1]).get_token(token_label="tests").open(rw=True, user_pin="1234") as session:
    session.generate_key(pkcs11.KeyType.AES, 256, label="suite", store=True)
"""
"""As the operator makes the key: by another program."""
BOUND = engine.binding(bytes(16), "test")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A token of this module alone, with a key «suite». The library reads where it is once in a process."""
    if not MODULE or not shutil.which("softhsm2-util"):
        pytest.fail("The tests of tokens need SoftHSM: deploy/packages test, or apt install softhsm2.")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = ("softhsm2-util", "--init-token", "--free", "--label", "tests", "--pin", "1234", "--so-pin", "5678")
    subprocess.run(command, check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", MAKE, MODULE], check=True)
    return "tests"


def test_what_it_wraps_it_unwraps(token):
    """A data key comes back, only for the place it was wrapped for, and unchanged; its header says the version."""
    held = Token(MODULE, token, "1234", "7:suite")
    wrapped = held.wrap(bytes(range(32)), BOUND)
    assert held.unwrap(wrapped, BOUND) == bytes(range(32))
    assert (engine.version_of(wrapped), len(wrapped)) == (7, 32 + engine.OVERHEAD)
    for broken, place in ((wrapped, engine.binding(bytes(16), "other")), (wrapped[:-1] + b"!", BOUND)):
        with pytest.raises(Unopenable):
            held.unwrap(broken, place)


@pytest.mark.parametrize("key", ["suite", ":suite", "0:suite", "2:", "x:suite"])
def test_a_key_is_named_with_its_version(key):
    """A setting that can't be used stops the start in words."""
    with pytest.raises(ImproperlyConfigured, match="version:label"):
        Token(MODULE, "tests", "1234", key)


@pytest.mark.parametrize(("label", "pin"), [("nobody", "1234"), ("suite", "0000")])
def test_a_token_that_refuses_says_so(token, label, pin):
    """A wrong PIN or a key that isn't there is said without either."""
    with pytest.raises(ImproperlyConfigured, match="the token says") as refused:
        Token(MODULE, token, pin, f"2:{label}").wrap(bytes(32), BOUND)
    assert pin not in str(refused.value)


def use(settings, **values: str) -> None:
    for name in ("VAULT_KEY", "VAULT_OLD_KEYS", "PKCS11_KEY", "PKCS11_MODULE", "PKCS11_TOKEN", "PKCS11_PIN"):
        setattr(settings, name, values.get(name, ""))
    keys.instance_keys.cache_clear()
    keys.token.cache_clear()
    keys._held.clear()


def wrapped_by() -> set[int]:
    return {engine.version_of(bytes(row.wrapped)) for row in ProjectKey.objects.filter(destroyed_at=None)}


def test_from_a_file_to_a_token_and_back(token, world, settings):
    """All keys go into the token's care, open without the former key, and go back under a key of a file."""
    sealed, former = vault.seal(world.project, b"value", "test"), settings.VAULT_KEY
    in_token = {"PKCS11_KEY": "2:suite", "PKCS11_MODULE": MODULE, "PKCS11_TOKEN": token, "PKCS11_PIN": "1234"}
    use(settings, VAULT_KEY=former, **in_token)
    vault.rewrap()
    use(settings, **in_token)
    assert wrapped_by() == {2}
    assert vault.open(world.project, sealed, "test") == b"value"
    new = "3:" + base64.b64encode(os.urandom(32)).decode()
    use(settings, VAULT_KEY=new, **in_token)
    vault.rewrap()
    use(settings, VAULT_KEY=new)
    assert wrapped_by() == {3}
    assert vault.open(world.project, sealed, "test") == b"value"
    use(settings, VAULT_KEY=new, **{**in_token, "PKCS11_KEY": "3:suite"})
    with pytest.raises(ImproperlyConfigured, match="version 3"):
        keys.token()
