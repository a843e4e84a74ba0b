"""What `save` is told to save, and how far it is."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from blake3 import blake3

from backup.cli import shown
from backup.cli.failures import Failed
from backup.cli.output import Output
from backup.cli.words import _
from backup.engine.format.keys import Key
from backup.engine.format.snapshots import Counts
from backup.engine.saving.intake import Progress
from backup.engine.sources.base import Source

if TYPE_CHECKING:
    from backup.engine.sources.paths import PathsSource
    from backup.engine.sources.rules import Rules


def source(options: argparse.Namespace, now: int) -> Source:
    """What the options mean. Raises Failed where they mean nothing."""
    if options.stdin or options.stdin_from_command:
        return _stream(options, now)
    if not options.source:
        raise Failed(_("the name of the source is missing: --source NAME"))
    if not options.paths and not options.stream:
        raise Failed(_("there is nothing to save: name a folder, or use --stdin"))
    for path in options.paths:
        if not Path(path).exists() and not Path(path).is_symlink():
            raise Failed(_("{path} isn't there").format(path=path))
    return _dumps(options, now) if options.stream else _paths(options, now)


def _paths(options: argparse.Namespace, now: int) -> PathsSource:
    from backup.engine.sources.paths import PathsSource

    return PathsSource(options.source, options.paths, now=now, rules=_rules(options))


def _stream(options: argparse.Namespace, now: int) -> Source:
    from backup.engine.sources.commands import command
    from backup.engine.sources.streams import StreamSource, standard_input

    name = options.stdin or options.stdin_from_command
    if options.stdin and options.paths:
        raise Failed(_("--stdin goes alone: no folder can be saved with it"))
    if options.stdin_from_command and not options.paths:
        raise Failed(_("the command is missing: --stdin-from-command NAME -- COMMAND"))
    try:
        if options.stdin:
            stream = standard_input(name, now=now)
        else:
            stream = command(name, options.paths, now=now, may_be_empty=False)
        return StreamSource(options.source or name.rpartition("/")[2], [stream])
    except ValueError:
        raise Failed(_("{name} can't be the name of a file in a snapshot").format(name=name)) from None


def dump(text: str) -> tuple[str, dict[str, str]]:
    """A kind of dump and its options: `postgresql:database=clinic,url-file=/etc/clinic.url`."""
    kind, _colon, rest = text.partition(":")
    named = [one.partition("=") for one in rest.split(",") if one]
    if not kind or not all(name and sign for name, sign, _value in named):
        raise argparse.ArgumentTypeError(_("{text} is no dump: write `KIND:NAME=VALUE,NAME=VALUE`").format(text=text))
    return kind, {name.replace("-", " "): value for name, _sign, value in named}


def _dumps(options: argparse.Namespace, now: int) -> Source:
    """Dumps, alone or beside paths."""
    from backup.engine.sources.beside import StreamsBesidePaths
    from backup.engine.sources.dumps import streams
    from backup.engine.sources.streams import StreamSource

    found = [stream for kind, given in options.stream for stream in streams(kind, given, now=now)]
    try:
        if options.paths:
            return StreamsBesidePaths(_paths(options, now), found)
        return StreamSource(options.source, found)
    except ValueError as error:
        raise Failed(_("two dumps have one name: {why}").format(why=error)) from error


def _rules(options: argparse.Namespace) -> Rules:
    from backup.engine.sources.patterns import Patterns
    from backup.engine.sources.rules import Rules

    lines: list[str] = []
    for path in options.exclude_file or ():
        try:
            lines += Path(path).read_text(errors="surrogateescape").splitlines()
        except OSError as error:
            raise Failed(_("{path} can't be read: {why}").format(path=path, why=error.strerror)) from error
    return Rules(
        exclude=Patterns([*lines, *(options.exclude or ())]),
        markers=tuple(name.encode(errors="surrogateescape") for name in options.exclude_if_present or ()),
        caches=not options.exclude_caches,
        larger_than=options.exclude_larger_than,
        one_file_system=options.one_file_system,
    )


def frozen_at(text: str) -> tuple[bytes, bytes]:
    """A folder, and where a snapshot of it is: `/srv=/mnt/snapshot`."""
    place, sign, folder = text.partition("=")
    if not sign or not all(path.startswith("/") for path in (place, folder)):
        raise argparse.ArgumentTypeError(_("{text}: write /a/path=/a/folder, from the root").format(text=text))
    return os.fsencode(os.path.realpath(place)), os.fsencode(os.path.realpath(folder))


@contextlib.contextmanager
def still(options: argparse.Namespace, output: Output, writable: Iterable[Path]) -> Iterator[None]:
    """Have what is saved stand still, if that was asked for, but for where the save writes. Raises CantFreeze."""
    given = dict(options.frozen_at)
    if not given and not options.freeze:
        yield
        return
    from backup.engine.sources.btrfs import frozen

    paths = [os.fsencode(os.path.realpath(path)) for path in options.paths]
    ours = [os.fsencode(os.path.realpath(path)) for path in writable]
    with frozen(paths, given, freeze=options.freeze, writable=ours) as moving:
        for path in sorted(moving if options.freeze else ()):
            words = _("{path} doesn't stand still: its file system makes no snapshots")
            output.warn(words.format(path=shown.path(path)))
        yield


class Watch:
    """Tells how far a save is, against what the last one of the same source took in."""

    def __init__(self, output: Output, folder: Path, label: str, key: Key) -> None:
        self._output, self._path, self.label = output, folder / "sizes.json", label
        self._began = time.monotonic()
        self._known = _read(self._path)
        self._mark = blake3(label.encode(errors="surrogateescape"), key=key.knows("id meta")).hexdigest()
        """Stands for the name of the source: what is remembered holds no name."""
        self._files, self._bytes = self._known.get(self._mark, (0, 0))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, progress: Progress) -> None:
        if self._output.bar is not None:
            place = shown.path(progress.path)
            self._output.bar.show(progress.size, self._bytes, progress.files, place, unit=shown.size)
        self._output.tell(
            {
                "type": "progress",
                "files": progress.files,
                "bytes": progress.size,
                "added": progress.added,
                "unread": progress.unread,
                "total_files": self._files,
                "total_bytes": self._bytes,
                "folder": shown.path(progress.path),
                "seconds": round(self.seconds, 3),
            }
        )

    def keep(self, counts: Counts) -> None:
        """Remember how much there is, for the next time."""
        self._known[self._mark] = (counts.files, counts.bytes)
        with contextlib.suppress(OSError):
            self._path.write_text(json.dumps(self._known))


def _read(path: Path) -> dict[str, tuple[int, int]]:
    try:
        return {name: (int(files), int(size)) for name, (files, size) in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
