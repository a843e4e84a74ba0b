"""One bucket, and the calls to it."""

from __future__ import annotations

import base64
import hashlib
import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import create_loader
from urllib3.exceptions import HTTPError

from backup.engine.errors import BackupError, Unreachable
from backup.engine.stores import s3_answers as answers

TRIES = 4
"""How often a call is made, each time after a longer pause, before the store counts as unreachable."""
ABREAST = 32
"""Connections kept open."""
CONNECT, WAIT = 10.0, 60.0
"""Seconds for a connection, and for each piece of an answer."""
PAUSE = 0.1
"""Seconds before the second try; twice as long before each further one."""
MODES = {"governance": "GOVERNANCE", "compliance": "COMPLIANCE"}
STYLES = ("auto", "path", "virtual")
BREAKS = (BotoCoreError, HTTPError, OSError)
"""What is raised where the way to the store breaks."""


def _crc32(data: bytes) -> dict[str, str]:
    return {"ChecksumCRC32": base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()}


def _sha256(data: bytes) -> dict[str, str]:
    return {"ChecksumSHA256": base64.b64encode(hashlib.sha256(data).digest()).decode()}


CHECKSUMS: dict[str, Callable[[bytes], dict[str, str]]] = {"none": lambda _data: {}, "crc32": _crc32, "sha256": _sha256}


@dataclass(frozen=True)
class Bucket:
    """Where the objects lie, and what is asked of the store with each of them."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    """Empty for AWS."""
    region: str = ""
    style: str = "auto"
    """``path`` or ``virtual``, where the provider wants one of them."""
    checksum: str = "sha256"
    """One of CHECKSUMS: the store is told it with each object, and has to refuse what came otherwise."""
    lock: str = ""
    """One of MODES: objects are locked when they are put, for so many days."""
    days: int = 0
    conditional: bool | None = None
    """Whether the provider refuses to overwrite when it is asked to; None finds out."""

    def __post_init__(self) -> None:
        for value, known, what in (
            (self.style, STYLES, "style"),
            (self.checksum, CHECKSUMS, "checksum"),
            (self.lock, ("", *MODES), "lock"),
        ):
            if value not in known:
                raise BackupError(f"{what}={value}: known are {', '.join(filter(None, known))}")
        if bool(self.lock) != (self.days > 0):
            raise BackupError("a lock is for a number of days: write governance:30")
        if self.lock and self.checksum == "none":
            raise BackupError("objects that are locked are put with a checksum")

    def key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name


@dataclass(frozen=True)
class Access:
    """How one is let in, whom one believes, and how long one waits."""

    key: str = ""
    secret: str = field(default="", repr=False)
    ca: Path | None = None
    """A file of the authorities that are believed."""
    within: float = math.inf
    """Seconds for which nothing is waited longer."""


ANYBODY = Access()


@cache
def _loader() -> Any:
    """Reads what boto3 knows of S3, which takes long, once for all stores; credentials are each store's own."""
    return create_loader()


class Calls:
    """Calls to a bucket, made by all threads; the store's clock is heard in every answer."""

    def __init__(self, bucket: Bucket, tries: int = TRIES, access: Access = ANYBODY) -> None:
        self.bucket, self.tries, self._access = bucket, tries, access
        self._ahead: int | None = None
        """What the store's clock says more than this machine's since it was started."""

    @cached_property
    def client(self) -> Any:
        """Where no credentials are given, they are found as all tools of S3 do: AWS_*, ~/.aws, the machine's role."""
        config = Config(
            s3={"addressing_style": self.bucket.style, "payload_signing_enabled": True},
            retries={"mode": "standard", "total_max_attempts": self.tries},
            connect_timeout=min(CONNECT, self._access.within),
            read_timeout=min(WAIT, self._access.within),
            max_pool_connections=ABREAST,
            request_checksum_calculation="when_required",  # not every store knows the newer checksums
            response_checksum_validation="when_required",  # who reads an object checks it anyway
        )
        options = {
            "endpoint_url": self.bucket.endpoint or None,
            "region_name": self.bucket.region or None,
            "aws_access_key_id": self._access.key or None,
            "aws_secret_access_key": self._access.secret or None,
            "verify": str(self._access.ca) if self._access.ca else None,
        }
        session = botocore.session.Session()
        session.register_component("data_loader", _loader())
        return boto3.session.Session(botocore_session=session).client("s3", config=config, **options)

    def __call__(self, operation: str, about: str, **options: Any) -> dict[str, Any]:
        """Raises what a store may raise, with what boto3 raised as its cause."""
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(Bucket=self.bucket.name, **options)
        except (ClientError, *BREAKS) as error:
            raise answers.explain(about, error) from error
        if date := answer["ResponseMetadata"]["HTTPHeaders"].get("date"):
            self._hear(nanoseconds(parsedate_to_datetime(date)) - time.monotonic_ns())
        return answer

    def put(self, name: str, data: bytes, **options: Any) -> dict[str, Any]:
        """Raises AlreadyThere, where that is asked for, and what every call raises."""
        for left in reversed(range(self.tries)):
            try:
                return self("put_object", name, Key=self.bucket.key(name), Body=data, **options)
            except answers.Conflict:
                if not left:
                    raise
                self.pause(left)
        raise AssertionError

    def _hear(self, ahead: int) -> None:
        """A date is in whole seconds and came over a long way: of those that agree, the latest is the nearest."""
        if self._ahead is None or abs(ahead - self._ahead) > 3 * 10**9:
            self._ahead = ahead
        else:
            self._ahead = max(ahead, self._ahead)

    def time(self) -> int:
        """The store's clock, as it was last heard and has gone on since."""
        if self._ahead is None:
            self.listen()
        if self._ahead is None:
            raise Unreachable("the store doesn't say what time it is")
        return self._ahead + time.monotonic_ns()

    def listen(self) -> None:
        """Make the smallest call that everybody may make."""
        self("list_objects_v2", "config", Prefix=self.bucket.key("config/"), MaxKeys=1)

    def close(self) -> None:
        if client := self.__dict__.get("client"):  # which is made by the first call
            client.close()

    def pause(self, left: int) -> None:
        """Wait before the next of the tries that are left."""
        time.sleep(PAUSE * 2.0 ** (self.tries - 1 - left))


def nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
