"""What a provider of S3 does of its own accord, found out by two objects of no worth."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import Any

from backup.engine.errors import AlreadyThere
from backup.engine.stores import s3_answers as answers
from backup.engine.stores.s3_bucket import CHECKSUMS, Calls

PROBE = "tmp/probe-"


class Provider:
    def __init__(self, call: Calls) -> None:
        self._call, self._bucket = call, call.bucket
        self._finding_out = Lock()

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

    def find_out(self) -> None:
        """Once, also where many threads begin at the same time."""
        with self._finding_out:
            _known = self.conditional, self.verifies
