"""What a provider of S3 does of its own accord, found out by two objects of no worth."""

from __future__ import annotations

import contextlib
import json
import time
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from backup.engine.errors import AlreadyThere
from backup.engine.stores import s3_answers as answers
from backup.engine.stores.s3_bucket import CHECKSUMS, Calls

PROBE = "tmp/probe-"
_KEPT = 7 * 24 * 3600
"""Seconds after which a provider is tried again: it may have learnt something."""


class Provider:
    def __init__(self, call: Calls, memory: Path | None = None) -> None:
        """`memory` is a file in which what was found out is kept for a while."""
        self._call, self._bucket, self._memory = call, call.bucket, memory
        self._finding_out = Lock()
        self._found = False

    @cached_property
    def conditional(self) -> bool:
        """Whether it refuses a name that is taken when it is asked to."""
        if self._bucket.conditional is not None:
            return self._bucket.conditional
        for _ in range(2):
            try:
                self._call.put(f"{PROBE}conditions", b"", IfNoneMatch="*")
            except AlreadyThere:
                return True
            except answers.NotKnown:
                return False
        return False

    @cached_property
    def verifies(self) -> bool:
        """Whether it refuses an object that hasn't the checksum sent with it."""
        options: dict[str, Any] = CHECKSUMS[self._bucket.checksum](b"of something else")
        if self.conditional:
            options["IfNoneMatch"] = "*"
        try:
            self._call.put(f"{PROBE}checksums", b"probe", **options)
        except answers.Spoilt:
            return True
        except (AlreadyThere, answers.NotKnown):  # an earlier probe was let in, or checksums aren't known at all
            return False
        return False

    def try_out(self) -> None:
        """Put an object of no worth, which many tries together leave once where the provider knows conditions."""
        md5 = {"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}  # of no bytes; asked for where a bucket locks by itself
        try:
            self._call.put(f"{PROBE}conditions", b"", IfNoneMatch="*", **md5)
        except AlreadyThere:
            return
        except answers.NotKnown:
            self._call.put(f"{PROBE}conditions", b"", **md5)

    def find_out(self) -> None:
        """Once, also where many threads begin at the same time."""
        with self._finding_out:
            if self._found:
                return
            if not self._remember():
                self._keep()
            self._found = True

    def _remember(self) -> bool:
        """Take what an earlier program found out, unless that is long ago."""
        if self._memory is None:
            return False
        try:
            if time.time() - self._memory.stat().st_mtime > _KEPT:
                return False
            known = json.loads(self._memory.read_text())
            self.conditional, self.verifies = bool(known["conditional"]), bool(known["verifies"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return True

    def _keep(self) -> None:
        known = {"conditional": self.conditional, "verifies": self.verifies}
        if self._memory is not None:
            with contextlib.suppress(OSError):  # found out again the next time
                self._memory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._memory.write_text(json.dumps(known))
