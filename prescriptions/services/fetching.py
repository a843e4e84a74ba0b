"""Fetch the official files from their publisher."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import requests
from django.utils.translation import gettext as _

from core import outgoing
from core.errors import Conflict, Fault, Invalid
from prescriptions.engine.reference import archives, official

OFFICIAL = "https://base-donnees-publique.medicaments.gouv.fr/index.php/download/file/"
"""Where the publisher gives each file by its name."""
LONGEST = 300
"""Seconds for one file."""


def check(address: str) -> None:
    """Raises Invalid for what is no address that may be called."""
    parts = urlsplit(address)
    try:
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    allowed = parts.scheme == "https" or (parts.scheme == "http" and outgoing.is_ours(parts.hostname or ""))
    if not known or not allowed or parts.username or len(address) > 300:
        message = _("An address that begins with https:// is expected.")
        raise Invalid([Fault("address", "address", message)])


def fetch(address: str, report: Callable[[int, int], None]) -> dict[str, bytes]:
    """Stem -> bytes of each official file below an address, or in the archive that it names. Raises Conflict."""
    check(address)
    with outgoing.session(largest=official.LARGEST, longest=LONGEST) as session:
        if urlsplit(address).path.endswith(".zip"):
            return archives.archived(_get(session, address) or b"", address.rpartition("/")[2])
        files = {}
        for number, (kind, stem) in enumerate(official.STEMS.items()):
            report(number, len(official.STEMS))
            content = _get(session, urljoin(address, f"{stem}.txt"))
            if content is not None:
                files[stem] = content
            elif kind in official.NEEDED:
                raise Conflict(_("%(file)s isn’t at this address.") % {"file": f"{stem}.txt"}, "no-file")
        return files


def _get(session: requests.Session, address: str) -> bytes | None:
    """What is there; None for 404. Raises Conflict."""
    try:
        response = session.get(address)
    except requests.RequestException as error:
        message = _("%(host)s can’t be reached or doesn’t answer as it should (%(why)s).")
        words = {"host": urlsplit(address).hostname, "why": type(error).__name__}
        raise Conflict(message % words, "unreachable") from None
    if response.status_code == 404:
        return None
    if response.status_code != 200:
        message = _("%(host)s answered %(status)s.")
        raise Conflict(message % {"host": urlsplit(address).hostname, "status": response.status_code}, "unreachable")
    return response.content
