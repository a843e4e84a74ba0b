"""What a host of health data (HDS) is asked for: each control looks at this installation and says what is missing.

HDS certifies an organisation, not a program. These findings are a list for its operator and evidence for its auditor.
"""

from __future__ import annotations

import ctypes
import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from core.access.models import Organisation
from core.tool import Finding, Level

NEWEST_POSTGRES = 160000
"""The oldest version of PostgreSQL that is served: 16."""


def found(name: str, asks: str, fault: str, level: Level = Level.FAILED) -> Finding:
    return Finding(name, level if fault else Level.GOOD, fault, asks)


def https() -> Finding:
    fault = "" if settings.HTTPS else _("PUBLIC_URL isn’t https: cookies and data travel in the clear.")
    return found("deploy.https", _("People reach the suite over TLS only."), fault)


def proxies() -> Finding:
    fault = ""
    if settings.HTTPS and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        fault = _("TRUSTED_PROXIES is 0: behind a proxy everybody would have its address in the audit trail.")
    return found(
        "deploy.proxies",
        _("Behind a proxy that ends TLS, the suite knows how many stand in front of it."),
        fault,
        Level.WARNING,
    )


def for_real() -> Finding:
    on = [name for name in ("DEBUG", "DEMO") if getattr(settings, name)]
    return found(
        "deploy.for_real",
        _("Nothing that is for trying is on."),
        _("Switch off: %(names)s.") % {"names": ", ".join(on)} if on else "",
    )


def _version() -> int:
    """As PostgreSQL writes it: 160004."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0])


def own_database() -> Finding:
    host = str(settings.DATABASES["default"]["HOST"])
    fault = ""
    if host.startswith((str(settings.DATA_DIR), "/tmp/suite-")):  # noqa: S108  (compared with)
        fault = _("The embedded PostgreSQL is for trying. Set DATABASE_URL to one that is backed up and watched.")
    elif (version := _version()) < NEWEST_POSTGRES:
        fault = _("PostgreSQL %(version)s is too old. Use 16 or newer.") % {"version": version // 10000}
    return found(
        "deploy.database",
        _("PostgreSQL is the hospital’s own and recent, not the one that comes along for trying."),
        fault,
    )


def database_by_tls() -> Finding:
    database = settings.DATABASES["default"]
    local = not database["HOST"] or str(database["HOST"]).startswith("/")
    checked = database["OPTIONS"].get("sslmode") in ("verify-ca", "verify-full")
    fault = "" if local or checked else _("Add sslmode=verify-full to DATABASE_URL: its data cross the network.")
    return found(
        "deploy.database_tls",
        _("What goes to a database on another machine is encrypted, and the machine is known by its certificate."),
        fault,
    )


def valkey_by_tls() -> Finding:
    where = urlsplit(str(settings.CACHES["default"]["LOCATION"]))
    local = where.scheme == "unix" or where.hostname in ("localhost", "127.0.0.1", "::1")
    fault = (
        ""
        if local or where.scheme == "rediss"
        else _("Use the scheme rediss in REDIS_URL: its data cross the network.")
    )
    return found("deploy.valkey_tls", _("What goes to a Valkey on another machine is encrypted."), fault)


def mail_by_tls() -> Finding:
    fault = ""
    if not settings.EMAIL_HOST:
        fault = _("EMAIL_URL isn’t set: invitations and alerts reach nobody.")
    elif not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or settings.EMAIL_HOST in ("localhost", "127.0.0.1")):
        fault = _("Mails leave in the clear. Use port 587 or 465 in EMAIL_URL.")
    return found("deploy.mail", _("Mails with links leave over TLS."), fault)


def second_factor() -> Finding:
    without = Organisation.objects.filter(requires_second_factor=False).order_by("name").values_list("name", flat=True)
    fault = _("These organisations ask for no second factor: %(names)s.") % {"names": ", ".join(without)}
    return found(
        "deploy.second_factor", _("Every organisation asks its people for a second factor."), fault if without else ""
    )


def secrets_in_files() -> Finding:
    bare = [name for name in settings.SECRET_NAMES if os.environ.get(name) and "://" not in os.environ[name]]
    bare += [name for name in settings.SECRET_NAMES if urlsplit(os.environ.get(name, "")).password]
    open_ = [
        name
        for name in settings.SECRET_NAMES
        if (path := os.environ.get(f"{name}_FILE")) and Path(path).exists() and is_open(Path(path))
    ]
    faults = []
    if bare:
        faults.append(_("Put these into files (NAME_FILE): %(names)s.") % {"names": ", ".join(bare)})
    if open_:
        faults.append(_("Others can read the files of these: %(names)s.") % {"names": ", ".join(open_)})
    return found(
        "deploy.secrets",
        _("Secrets are in files that only the suite’s user reads, not in the environment, which every child inherits."),
        " ".join(faults),
    )


def is_open(path: Path) -> bool:
    """Whether anybody but its owner and group may read a file."""
    return bool(path.stat().st_mode & stat.S_IRWXO)


def swap() -> Finding:
    try:
        lines = Path("/proc/swaps").read_text().splitlines()[1:]
    except OSError:
        lines = []
    devices = [line.split()[0] for line in lines if not line.startswith(("/dev/zram", "/dev/dm-", "/dev/mapper/"))]
    fault = _("Switch swap off or encrypt it: %(names)s.") % {"names": ", ".join(devices)} if devices else ""
    return found("deploy.swap", _("What is open in memory doesn’t reach a disk in the clear."), fault)


def time() -> Finding:
    fault = "" if keeps_time() else _("Nothing sets this machine’s clock: start chrony or systemd-timesyncd.")
    return found("deploy.time", _("The machine’s clock is kept right by NTP."), fault)


def keeps_time() -> bool:
    """What the kernel says of its clock (ntp_gettime): its state 5 is «not synchronised»."""
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.ntp_gettime(ctypes.create_string_buffer(128)) in range(5))


def logs() -> Finding:
    fault = _("LOG_LEVEL leaves out warnings.") if settings.LOGGING["root"]["level"] == "ERROR" else ""
    return found("deploy.logs", _("The log is kept at a level that shows refusals and failures."), fault, Level.WARNING)
