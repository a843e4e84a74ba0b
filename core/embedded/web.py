"""Speak with the suite from outside: is it ready, and what do its commands say."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping

from core.embedded.errors import CantStart
from core.embedded.folder import ROOT


def ready(url: str) -> bool:
    """Whether the web server answers that it can serve people."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310  (our own address)
            return bool(answer.status == 200)
    except OSError:  # refused, too slow, or an answer such as 503
        return False


def manage(environ: Mapping[str, str], *words: str) -> str:
    """What a command of manage.py prints. Raises CantStart with its last words."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise CantStart(f"manage.py {' '.join(words)} failed; what went wrong is said above.")
    return done.stdout
