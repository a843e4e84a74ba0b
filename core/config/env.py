"""The settings an operator may set, as one typed table: the start, the documentation and the tests read it.

A secret comes from ``NAME`` or from the file named by ``NAME_FILE``. A missing or misspelt value stops the start with
one line that lists every fault.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIRED = object()


class BadSettings(SystemExit):
    """The environment can't be used; the message names every fault."""


def text(value: str) -> str:
    return value


def boolean(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("say true or false")


def whole_number(value: str) -> int:
    return int(value)


def size(value: str) -> int:
    units = {"K": 10, "M": 20, "G": 30}
    shift = units.get(value[-1:].upper(), 0)
    return int(value[:-1] if shift else value) << shift


def words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


def folders(value: str) -> list[Path]:
    return [folder(word) for word in words(value)]


def key(value: str) -> str:
    """32 bytes in base64, kept as text. The error doesn't show them."""
    try:
        length = len(base64.b64decode(value, validate=True))
    except ValueError:
        length = 0
    if length != 32:
        raise ValueError("a key isn't 32 bytes in base64")
    return value


def keys(value: str) -> list[str]:
    return [key(word) for word in words(value)]


@dataclass(frozen=True)
class Setting:
    name: str
    parse: Callable[[str], Any]
    default: Any
    help: str
    secret: bool = False


SETTINGS = (
    Setting("DATABASE_URL", text, REQUIRED, "PostgreSQL 16 or newer, for example postgresql://user@host/name.", True),
    Setting("REDIS_URL", text, REQUIRED, "Valkey or Redis: redis://host:6379 or unix:///path/to/socket.", True),
    Setting("SECRET_KEY", text, REQUIRED, "Signs sessions and links; 50 random characters or more.", True),
    Setting("VAULT_KEY", text, REQUIRED, "The instance key that wraps every project key: 32 bytes in base64.", True),
    Setting("AUDIT_KEY", key, REQUIRED, "Ed25519 key that signs the audit trail: 32 bytes in base64.", True),
    Setting("AUDIT_OLD_KEYS", keys, [], "Public keys in base64 of earlier AUDIT_KEYs, separated by commas."),
    Setting("DATA_DIR", folder, REQUIRED, "Where encrypted files are kept."),
    Setting("PUBLIC_URL", text, "http://localhost:8000", "The address people type, used in links and cookies."),
    Setting("ALLOWED_HOSTS", words, ["localhost", "127.0.0.1", "[::1]"], "Host names served, separated by commas."),
    Setting("DEBUG", boolean, False, "Detailed error pages; never on a machine that holds patients' data."),
    Setting("TRUSTED_PROXIES", whole_number, 0, "How many proxies in front add to X-Forwarded-For."),
    Setting("EMAIL_URL", text, "", "SMTP server, for example smtp://user:password@host:587; empty prints mails.", True),
    Setting("EMAIL_FROM", text, "suite@localhost", "Sender of the mails."),
    Setting("DATASETS_MEMORY", size, 2 << 30, "Memory that one reading of a dataset may take: bytes, or 512M, 2G."),
    Setting("TIME_ZONE", text, "Europe/Paris", "Time zone of the interface."),
    Setting("ANALYSIS_SECONDS", whole_number, 30, "How long one question to a dataset may take before it is stopped."),
    Setting("MASK_BELOW", whole_number, 11, "Counts of fewer people are hidden in analyses shown without the data."),
    Setting("MASK_FOR_EVERYBODY", boolean, False, "Hides small counts also from people who may read the data."),
    Setting("BACKUP_FOLDERS", folders, [], "Folders on other disks where backups may be kept, separated by commas."),
    Setting("LOG_LEVEL", text, "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting("METRICS_TOKEN", text, "", "Opens /metrics to who sends it as a bearer token; empty keeps it shut.", True),
    Setting("DEMO", boolean, False, "Shows that the data are fictitious and lets the demo be loaded."),
)


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read every setting. Raises BadSettings that lists each missing or unreadable one."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    for setting in SETTINGS:
        try:
            raw = read(setting, environ)
            values[setting.name] = setting.default if raw is None else setting.parse(raw)
        except (ValueError, OSError) as error:
            faults.append(f"{setting.name}: {error}")
            continue
        if values[setting.name] is REQUIRED:
            also = f" or {setting.name}_FILE" if setting.secret else ""
            faults.append(f"{setting.name}{also} is not set. {setting.help}")
    if faults:
        raise BadSettings("The suite can't start:\n- " + "\n- ".join(faults))
    return values


def table() -> str:
    """The settings as a table in Markdown, for the documentation."""
    rows = ["| name | default | what it is |", "|---|---|---|"]
    for setting in SETTINGS:
        name = f"`{setting.name}`" + (f" or `{setting.name}_FILE`" if setting.secret else "")
        default = setting.default
        if default is REQUIRED:
            shown = "required"
        elif isinstance(default, list):
            shown = f"`{','.join(default)}`" if default else ""
        else:
            shown = f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else ""
        rows.append(f"| {name} | {shown} | {setting.help} |")
    return "\n".join(rows) + "\n"


def read(setting: Setting, environ: Mapping[str, str]) -> str | None:
    """The raw text of a setting, from the file named by NAME_FILE first, or None where it isn't set."""
    if setting.secret and (path := environ.get(f"{setting.name}_FILE")):
        return Path(path).read_text().strip()
    return environ.get(setting.name) or None
