"""Read a file that somebody sent with one of our own parsers, where it can harm nothing: a process in a closed box.

    with sandbox.run("core.datasets.engine.sheets:read", spool, {"sheet": 1}) as result, result.open() as written:
        pyarrow.ipc.open_stream(written)

The function is plain Python, ``read(source, result, **arguments)``: it reads a file object (``source.name`` is a path
that a library can open), writes to another, returns what JSON can say, and raises `core.files.unreadable.Unreadable`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Fault, Invalid
from core.files.engine.box import Missing
from core.files.engine.parsing import Limits, NoBox, Result, parsed
from core.files.unreadable import Unreadable

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

__all__ = ["Limits", "NoSandbox", "Rejected", "Result", "run"]

logger = logging.getLogger(__name__)

WORDS: dict[str, _StrPromise] = {
    "too_large": gettext_lazy("This file is too large to be read here."),
    "too_slow": gettext_lazy("Reading this file takes longer than is allowed, so it was stopped."),
    "too_much_memory": gettext_lazy("Reading this file takes more memory than is allowed, so it was stopped."),
    "result_too_large": gettext_lazy("What this file unfolds to is larger than is allowed, so it was stopped."),
    "no_sandbox": gettext_lazy(
        "Files can’t be opened safely on this server at the moment, so none is opened. Tell your administrator."
    ),
}


class Rejected(Invalid):
    """The file isn't taken. `code` says what is wrong, `details` where."""

    def __init__(self, code: str, message: _StrPromise | str, details: Mapping[str, Any]) -> None:
        self.code, self.details = code, details
        super().__init__([Fault("file", code, message)], message)


class NoSandbox(Rejected):
    """The box can't be made on this machine: nothing was read."""


@contextmanager
def run(
    name: str,
    source: int | IO[bytes],
    arguments: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    words: Mapping[str, _StrPromise | str] | None = None,
) -> Iterator[Result]:
    """Call ``package.module:function`` on `source` in the box; what it wrote lives as long as the block.

    `source` is a descriptor, read from its beginning (a sealed memfd without a copy), or a file object.
    `words` says in a sentence what a code of the parser means, with the names of its details. Raises Rejected,
    whatever is wrong with the file, and NoSandbox.
    """
    try:
        opened = parsed(name, source, arguments or {}, limits or Limits())
        result = opened.__enter__()
    except (NoBox, Missing) as error:
        logger.error("The sandbox doesn't open: %s", error)
        raise NoSandbox("no_sandbox", WORDS["no_sandbox"], {}) from error
    except Unreadable as error:
        raise rejection(name, error, words or {}) from error
    try:
        yield result
    finally:
        opened.__exit__(None, None, None)


def rejection(name: str, error: Unreadable, words: Mapping[str, _StrPromise | str]) -> Rejected:
    if error.code in ("broken", "crashed"):
        logger.warning("The parser %s ended on a file: %s %s", name, error.code, error.details.get("place", ""))
    sentence = words.get(error.code) or WORDS.get(error.code) or _("This file can’t be read: it is damaged.")
    try:
        message = str(sentence) % error.details if error.details else str(sentence)
    except (KeyError, TypeError, ValueError):  # details that the sentence doesn't name as it should
        message = _("This file can’t be read: it is damaged.")
    return Rejected(error.code, message, error.details)
