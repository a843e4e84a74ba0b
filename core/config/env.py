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
from urllib.parse import urlsplit

from core.config import places

REQUIRED = object()
THREE_YEARS = 1095


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


def hours(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 24:
        raise ValueError("say 1 to 24 hours")
    return number


def positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError("say a whole number above zero")
    return number


def days(value: str) -> int:
    number = int(value)
    if not 0 <= number <= 90:
        raise ValueError("say 0 to 90 days")
    return number


def password_length(value: str) -> int:
    number = int(value)
    if not 8 <= number <= 64:
        raise ValueError("say a number from 8 to 64")
    return number


def size(value: str) -> int:
    units = {"K": 10, "M": 20, "G": 30, "T": 40}
    shift = units.get(value[-1:].upper(), 0)
    return int(value[:-1] if shift else value) << shift


def words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"say {' or '.join(choices)}")
        return value

    return parse


def hosts(value: str) -> list[str]:
    return [word.lower() for word in words(value)]


def folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


def existing_file(value: str) -> str:
    if not Path(value).is_file():
        raise ValueError("there is no such file")
    return value


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


def keep_days(value: str) -> int:
    if (days := int(value)) < 30:
        raise ValueError("the audit trail is kept for 30 days at least")
    return days


def syslog(value: str) -> str:
    """The address of a receiver. Only to this machine itself goes anything in the clear."""
    parts = urlsplit(value)
    if parts.scheme not in ("tcp", "tcp+tls") or not parts.hostname or not parts.port or parts.path.strip("/"):
        raise ValueError("say tcp+tls://host:6514")
    if parts.scheme == "tcp" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("only a receiver on this machine may be reached without TLS: say tcp+tls://host:6514")
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
    Setting("VAULT_KEY", text, "", "The instance key that wraps every project key: 32 bytes in base64.", True),
    Setting("VAULT_OLD_KEYS", text, "", "Earlier instance keys, for reading: version:base64, by commas.", True),
    Setting("PKCS11_KEY", text, "", "An instance key inside a token, instead: version:label."),
    Setting("PKCS11_MODULE", text, "", "Library of the token, for example /usr/lib/softhsm/libsofthsm2.so."),
    Setting("PKCS11_TOKEN", text, "", "Label of the token."),
    Setting("PKCS11_PIN", text, "", "User PIN of the token.", True),
    Setting("AUDIT_KEY", key, REQUIRED, "Ed25519 key that signs the audit trail: 32 bytes in base64.", True),
    Setting("AUDIT_OLD_KEYS", keys, [], "Public keys in base64 of earlier AUDIT_KEYs, separated by commas."),
    Setting("AUDIT_KEEP_DAYS", keep_days, 365, "Days the audit trail stays in the database before it goes to files."),
    Setting("AUDIT_KEEP_REASON", text, "", "Why the audit trail stays longer than three years, where it does."),
    Setting("AUDIT_ANCHOR_DIR", folder, None, "Folder on another machine or disk that gets its signed heads, hourly."),
    Setting("AUDIT_ANCHOR_MAIL", text, "", "Mail address that gets its newest signed head, daily."),
    Setting(
        "AUDIT_SYSLOG",
        syslog,
        "",
        "Receiver of the audit trail as it is sealed: tcp+tls://host:6514, or tcp://host:601.",
    ),
    Setting("AUDIT_SYSLOG_CA", text, "", "File with the certificates that the receiver’s is checked against."),
    Setting("DATA_DIR", folder, REQUIRED, "Where encrypted files are kept."),
    Setting("FILES_PLACE", one_of("disk", "s3"), "disk", "Where new files go: disk (DATA_DIR) or s3."),
    Setting("FILES_S3_BUCKET", text, "", "Bucket of the object store for files; empty: none is used."),
    Setting("FILES_S3_ENDPOINT", text, "", "Its address, for example https://s3.example.org; empty: AWS."),
    Setting("FILES_S3_REGION", text, "us-east-1", "Its region."),
    Setting("FILES_S3_KEY", text, "", "Access key of the object store.", True),
    Setting("FILES_S3_SECRET", text, "", "Secret key of the object store.", True),
    Setting("FILES_S3_ADDRESSING", one_of("auto", "path", "virtual"), "auto", "How the bucket is named in addresses."),
    Setting("FILES_S3_CA", text, "", "File with the certificates that the object store’s is checked against."),
    Setting("JOBS_DAYS", positive, 400, "Days for which it is told of long work that has ended, with its log."),
    Setting("QUOTA_PROJECT", size, 0, "What a project may store that has no limit of its own: 500G, 2T; 0: no end."),
    Setting("QUOTA_ORGANISATION", size, 0, "The same for all projects of an organisation together; 0: no end."),
    Setting("PUBLIC_URL", text, "http://localhost:8000", "The address people type, used in links and cookies."),
    Setting("ALLOWED_HOSTS", words, ["localhost", "127.0.0.1", "[::1]"], "Host names served, separated by commas."),
    Setting("DEBUG", boolean, False, "Detailed error pages; never on a machine that holds patients' data."),
    Setting("TRUSTED_PROXIES", whole_number, 0, "How many proxies in front add to X-Forwarded-For."),
    Setting("EMAIL_URL", text, "", "SMTP server, for example smtp://user:password@host:587; empty prints mails.", True),
    Setting("EMAIL_FROM", text, "suite@localhost", "Sender of the mails."),
    Setting("SMS_URL", text, "", "Gateway for short messages: takes {to, text, from} as JSON over https; empty: none."),
    Setting("SMS_TOKEN", text, "", "Its bearer token.", True),
    Setting("SMS_FROM", text, "Suite", "Sender that short messages show."),
    Setting("CONTACT_EMAIL", text, "", "Whom people write to about accessibility and their personal data."),
    Setting("SOURCE_URL", text, "https://framagit.org/interhop", "Where the source code of what runs here is."),
    Setting("DATASETS_MEMORY", size, 2 << 30, "Memory that one reading of a dataset may take: bytes, or 512M, 2G."),
    Setting("TIME_ZONE", text, "Europe/Paris", "Time zone of the interface."),
    Setting("ANALYSIS_SECONDS", whole_number, 30, "How long one question to a dataset may take before it is stopped."),
    Setting("MASK_BELOW", whole_number, 11, "Counts of fewer people are hidden in analyses shown without the data."),
    Setting("MASK_FOR_EVERYBODY", boolean, False, "Hides small counts also from people who may read the data."),
    Setting("PRESCRIPTIONS_TAGGER", existing_file, "", "Model that gives second opinions on prescriptions, by train."),
    Setting("OLLAMA_URL", text, "", "Ollama on this machine or in a private network, such as http://127.0.0.1:11434."),
    Setting("OLLAMA_MODEL", text, "", "The model that is asked there about lines which aren’t sure."),
    Setting("BACKUP_FOLDERS", folders, [], "Folders on other disks where backups may be kept, separated by commas."),
    Setting("BACKUP_PLACES_FILE", places.read, None, "TOML file with the stores elsewhere where backups may be kept."),
    Setting("OUTGOING_HOSTS", hosts, [], "Hosts in private networks that may be called, separated by commas."),
    Setting(
        "OUTGOING_CA", existing_file, "", "File with the certificates that those of OUTGOING_HOSTS are checked by."
    ),
    Setting("EMERGENCY_HOURS", hours, 4, "How long emergency access lasts at most, in hours."),
    Setting("ERASURE_DAYS", days, 7, "Days in which a confirmed erasure can still be withdrawn: 0 to 90."),
    Setting("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting("LOG_FORMAT", one_of("line", "json"), "line", "line for people, json for a collector of logs."),
    Setting("OTEL_ENDPOINT", text, "", "OpenTelemetry collector, for example http://collector:4318; empty: no traces."),
    Setting("PASSWORD_LENGTH", password_length, 12, "Characters that a password has at least: 8 to 64."),
    Setting("FRESH_MINUTES", positive, 15, "Who did not say who he is for so long is asked before a sensitive act."),
    Setting("SESSION_IDLE_MINUTES", positive, 30, "A session that nobody uses ends after so many minutes."),
    Setting("SESSION_HOURS", positive, 12, "A session ends after so many hours, however it is used."),
    Setting("SESSIONS_AT_MOST", positive, 5, "Open sessions of one person; one more ends the oldest."),
    Setting("RATE_TOKEN", whole_number, 6000, "Units one token may use a minute: a reading 1, a change 5; 0: no end."),
    Setting("RATE_PERSON", whole_number, 9000, "Units one person may use a minute, with all his tokens; 0: no end."),
    Setting("RATE_ADDRESS", whole_number, 1200, "Units an address may use a minute before signing in; 0: no end."),
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
    if values.get("AUDIT_KEEP_DAYS", 0) > THREE_YEARS and not values.get("AUDIT_KEEP_REASON"):
        faults.append("AUDIT_KEEP_DAYS: more than three years (1095) need a reason in AUDIT_KEEP_REASON")
    if not values.get("VAULT_KEY") and not values.get("PKCS11_KEY"):
        faults.append("VAULT_KEY or VAULT_KEY_FILE is not set, nor is PKCS11_KEY: one of them wraps every project key")
    if values.get("PKCS11_KEY") and not (values.get("PKCS11_MODULE") and values.get("PKCS11_TOKEN")):
        faults.append("PKCS11_MODULE and PKCS11_TOKEN say where the key of PKCS11_KEY is: set both")
    if values.get("FILES_PLACE") == "s3" and not values.get("FILES_S3_BUCKET"):
        faults.append("FILES_S3_BUCKET is not set, and FILES_PLACE is s3")
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
        elif default is None:
            shown = ""
        else:
            shown = f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else ""
        rows.append(f"| {name} | {shown} | {setting.help} |")
    return "\n".join(rows) + "\n"


def read(setting: Setting, environ: Mapping[str, str]) -> str | None:
    """The raw text of a setting, from the file named by NAME_FILE first, or None where it isn't set."""
    if setting.secret and (path := environ.get(f"{setting.name}_FILE")):
        return Path(path).read_text().strip()
    return environ.get(setting.name) or None
