"""Files in an object store that speaks S3: what is large is sent in parts, what is read is fetched by range."""

from __future__ import annotations

import functools
import io
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from core.errors import Away
from core.files.storage import Kept, Where

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

logger = logging.getLogger(__name__)

PART = 16 << 20
"""Bytes of a part: of what is sent, two at a time are in memory."""
IN_PARTS = 64 << 20
"""From so many bytes on, a file is sent in parts."""
AHEAD = 32 << 20
"""Bytes that are asked for at once, at most, of a file that is read from one end to the other."""
ATTEMPTS = 5
"""How often a call is tried, each time after a longer pause, before the store counts as away."""
OURS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
GONE = ("404", "NoSuchKey", "NotFound")


@functools.cache
def session() -> Any:
    """What it knows of S3 takes long to read."""
    return boto3.session.Session()


@contextmanager
def answering() -> Iterator[None]:
    """Raises FileNotFoundError for what isn't there, and Away for whatever else the store, or the way to it, says."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in GONE:
            raise FileNotFoundError(code) from error
        logger.error("The object store refuses %s: %s", error.operation_name, code)
        raise Away(_("The store of the files doesn’t answer as it should.")) from error
    except (BotoCoreError, HTTPError, ConnectionError, TimeoutError) as error:
        logger.error("The object store can't be reached: %s", type(error).__name__)
        raise Away(_("The store of the files can’t be reached.")) from error


class Bucket(Kept):
    """One bucket. An object appears whole or not at all."""

    where = Where.S3

    def __init__(
        self, bucket: str, endpoint: str, region: str, key: str, secret: str, addressing: str = "auto", ca: str = ""
    ) -> None:
        self.bucket, self.endpoint = bucket, endpoint
        self._options: dict[str, Any] = {
            "endpoint_url": endpoint or None,
            "region_name": region,
            "aws_access_key_id": key,
            "aws_secret_access_key": secret,
            "verify": ca or True,
        }
        self._addressing = addressing

    @property
    def address(self) -> str:
        return f"{self.endpoint or 'AWS'} · {self.bucket}"

    @cached_property
    def client(self) -> Any:
        """Shared by the threads of a process. Waits longer before each new attempt, on 500, 503 and «slow down» too."""
        config = Config(
            s3={"addressing_style": self._addressing},
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            connect_timeout=5,
            read_timeout=30,
            request_checksum_calculation="when_required",  # not every store knows the newer checksums
            response_checksum_validation="when_required",
        )
        return session().client("s3", config=config, **self._options)

    def adopt(self, draft: Path, name: str) -> None:
        with draft.open("rb") as file:
            self.bring(file, name)
        draft.unlink()

    def bring(self, source: IO[bytes], name: str) -> None:
        with answering():
            if self._is_there(name):
                raise FileExistsError(name)
            parts = TransferConfig(IN_PARTS, max_concurrency=2, multipart_chunksize=PART)
            self.client.upload_fileobj(source, self.bucket, name, Config=parts)

    def _is_there(self, name: str) -> bool:
        try:
            with answering():
                self.client.head_object(Bucket=self.bucket, Key=name)
        except FileNotFoundError:
            return False
        return True

    def open(self, name: str) -> Any:
        return Object(self.client, self.bucket, name)

    def delete(self, name: str) -> None:
        with answering():
            self.client.delete_object(Bucket=self.bucket, Key=name)

    def names(self) -> Iterator[tuple[str, datetime]]:
        with answering():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
                found = ((entry["Key"], entry["LastModified"]) for entry in page.get("Contents", ()))
                yield from (entry for entry in found if OURS.fullmatch(entry[0]))

    def ails(self) -> str:
        try:
            with answering():
                self.client.head_bucket(Bucket=self.bucket)
        except FileNotFoundError:
            return _("The bucket of the files isn’t there.")
        except Away as error:
            return str(error)
        return ""

    def tidy(self, before: datetime) -> int:
        """Parts of files whose sending was broken off cost room, and show nowhere else."""
        count = 0
        with answering():
            for page in self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket):
                for begun in page.get("Uploads", ()):
                    if begun["Initiated"] < before and OURS.fullmatch(begun["Key"]):
                        which = {"Key": begun["Key"], "UploadId": begun["UploadId"]}
                        self.client.abort_multipart_upload(Bucket=self.bucket, **which)
                        count += 1
        return count


class Object(io.RawIOBase):
    """A seekable file object over an object; each call asks for as much as is read, and for more to who reads on."""

    def __init__(self, client: Any, bucket: str, name: str) -> None:
        self._client, self._where = client, {"Bucket": bucket, "Key": name}
        with answering():
            self.size: int = client.head_object(**self._where)["ContentLength"]
        self._position = self._end = 0
        self._window = 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence] + offset
        if start != self._position and self._body is not None:
            self._drop()
            self._window = 0
        self._position = start
        return start

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer as far as the file goes. Raises Away."""
        target = memoryview(buffer).cast("B")
        length = max(0, min(len(target), self.size - self._position))
        done = 0
        while done < length:
            data = self._read(length - done)
            target[done : done + len(data)] = data
            done += len(data)
            self._position += len(data)
        return done

    def _read(self, length: int) -> bytes:
        """Some bytes from here on; where the way breaks, from the same place again."""
        for attempt in range(ATTEMPTS):
            try:
                if self._body is None or self._position == self._end:
                    self._ask(length)
                if data := self._body.read(min(length, self._end - self._position)):
                    return bytes(data)
                raise ConnectionResetError
            except (HTTPError, ConnectionError, TimeoutError, BotoCoreError) as error:
                self._drop()
                if attempt + 1 == ATTEMPTS:
                    logger.error("The object store breaks off: %s", type(error).__name__)
                    raise Away(_("The store of the files can’t be reached.")) from error
                time.sleep(0.1 * 2**attempt)
        raise AssertionError

    def _ask(self, length: int) -> None:
        self._window = min(AHEAD, max(length, 2 * self._window))
        self._end = min(self.size, self._position + self._window)
        self._drop()
        with answering():
            wanted = f"bytes={self._position}-{self._end - 1}"
            self._body = self._client.get_object(Range=wanted, **self._where)["Body"]

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None

    def close(self) -> None:
        self._drop()
        super().close()
