"""What goes over the wire: small JSON answers from a suite, over https alone except on one's own machine."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode, urlsplit

LARGEST = 1 << 20
SECONDS = 20
LOOPBACK = ("localhost", "127.0.0.1", "::1")
AGENT = "suite-interhop-cli"


class Failed(Exception):
    """The suite can't be reached, or isn't one."""


class Refused(Failed):
    """The person or the suite said no: what it said is in `code`."""

    def __init__(self, code: str, words: str = "") -> None:
        self.code = code
        super().__init__(words or code)


class Expired(Refused):
    """Nobody typed the code in time, or the sign-in has ended: sign in again."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """A token is not carried to where a redirect points."""

    def redirect_request(self, *args: Any, **options: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Stay())


def require_safe(url: str) -> None:
    """Raises Failed where a secret would travel in the clear."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Failed(f"{url} isn't https")


def call(url: str, form: dict[str, str] | None = None, token: str = "") -> dict[str, Any]:
    """The JSON answer to a GET, or to a POST of a form. Raises Failed, and Refused for an error of OAuth."""
    require_safe(url)
    heads = {"Accept": "application/json", "User-Agent": AGENT}
    if token:
        heads["Authorization"] = f"Bearer {token}"
    data = urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(url, data=data, headers=heads)  # noqa: S310  https or loopback, asked above
    try:
        with _opener.open(request, timeout=SECONDS) as response:
            return _read(response, url)
    except urllib.error.HTTPError as error:
        with error:
            told = _read(error, url)
        if code := told.get("error"):
            raise Refused(str(code), str(told.get("error_description", ""))) from None
        raise Refused(str(error.code), str(told.get("title", error.reason))) from None
    except (urllib.error.URLError, OSError) as error:
        raise Failed(f"{url} can't be reached: {getattr(error, 'reason', error)}") from None


def _read(response: Any, url: str) -> dict[str, Any]:
    body = response.read(LARGEST + 1)
    if not body:
        return {}
    try:
        told = json.loads(body) if len(body) <= LARGEST else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Failed(f"{url} doesn't answer as a suite does")
    return told
