"""What a plan tells an agent, as one table: read by the portal, the agent and the documents alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from backup.engine.errors import BackupError
from backup.engine.keeping.durations import Duration
from backup.engine.keeping.judging import Allowance
from backup.engine.keeping.retention import BY, UNITS, count
from backup.engine.sources.patterns import Patterns
from backup.engine.stores.rates import parse_rate, parse_window

SAVE, KEEP, CHECK = "save", "keep", "check"
DUTIES = (SAVE, KEEP, CHECK)
LONGEST_PATH, LONGEST_PATTERN, LONGEST_TAG = 4000, 500, 120
MOST_LINES = 500
_PART = r"[a-z][a-z-]{0,39}=[^\0\n,]{1,300}"
STREAM = re.compile(rf"[a-z][a-z0-9_-]{{0,39}}(?::{_PART}(?:,{_PART})*)?")
"""A dump by its kind and what that is told, as the command line takes it. Never a command: no portal gives one."""


class Wrong(StrEnum):
    """Why a value isn't taken."""

    UNKNOWN = "unknown"
    KIND = "kind"
    RANGE = "range"
    PATH = "path"
    PATTERN = "pattern"
    STREAM = "stream"
    TAG = "tag"
    RATE = "rate"
    WINDOW = "window"
    COUNT = "count"
    SPAN = "span"
    ALLOWANCE = "allowance"
    GROUP = "group"
    EMPTY = "empty"
    MANY = "many"


class Refused(ValueError):
    """A value that isn't taken, and why."""

    def __init__(self, why: Wrong) -> None:
        self.why = why
        super().__init__(why.value)


@dataclass(frozen=True)
class Option:
    """One thing that a plan may say, in the options of an agent with one of these duties."""

    name: str
    kind: type
    duties: tuple[str, ...]
    help: str
    default: Any
    read: Callable[[Any], Any] = lambda value: value
    """Raises Refused, ValueError or BackupError for a value of the right kind that isn't taken."""
    several: bool = False
    """A list of such values."""


@dataclass(frozen=True)
class Fault:
    place: str
    why: Wrong


def _within(low: float, high: float) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not low <= value <= high:
            raise Refused(Wrong.RANGE)
        return value

    return read


def _read(parse: Callable[[str], object], why: Wrong) -> Callable[[Any], Any]:
    """Take what a parser of the engine understands, as it was written."""

    def read(value: Any) -> Any:
        try:
            parse(value)
        except (ValueError, BackupError) as error:
            raise Refused(why) from error
        return value

    return read


def _tag(text: str) -> str:
    if not 0 < len(text) <= LONGEST_TAG or not text.isprintable() or "," in text:
        raise Refused(Wrong.TAG)
    return text


def _name(text: str) -> str:
    if not 0 < len(text) <= 255 or "/" in text or "\0" in text:
        raise Refused(Wrong.PATH)
    return text


def _group(text: str) -> str:
    if text not in BY:
        raise Refused(Wrong.GROUP)
    return text


_KEEPS = ("last", *UNITS)
OPTIONS = (
    Option("tags", str, (SAVE,), "Words to find the snapshots by.", [], _tag, several=True),
    Option("skip_unchanged", bool, (SAVE,), "Make no snapshot where nothing has changed.", False),
    Option("one_file_system", bool, (SAVE,), "Leave out what is mounted somewhere below.", False),
    Option("freeze", bool, (SAVE,), "Save snapshots of the file systems that make some: btrfs.", False),
    Option("exclude_caches", bool, (SAVE,), "Leave out folders that hold a CACHEDIR.TAG.", False),
    Option(
        "exclude_if_present", str, (SAVE,), "Leave out folders that hold such a file.", [], _name, several=True
    ),
    Option(
        "exclude_larger_than", int, (SAVE,), "Leave out files of more bytes; 0: none.", 0, _within(0, 1 << 60)
    ),
    *(
        Option(
            f"keep_{name}", str, (KEEP,), f"How many stay: {name.replace('_', ' ')}; a number or `unlimited`.", "",
            _read(count, Wrong.COUNT),
        )
        for name in _KEEPS
    ),
    Option(
        "keep_within", str, (KEEP,), "All that are no older: 30d, 1y6m.", "", _read(Duration.parse, Wrong.SPAN)
    ),
    Option("keep_tags", str, (KEEP,), "Those with such a tag stay.", [], _tag, several=True),
    Option(
        "group_by", str, (KEEP,), "What is counted apart: source, host, paths, tags.", ["source", "host"], _group,
        several=True,
    ),
    Option("prune", bool, (KEEP,), "Give back the room of what nothing needs any more.", True),
    Option("grace_days", int, (KEEP,), "Days for which what is to go can be called back.", 7, _within(1, 3650)),
    Option(
        "max_unused", str, (KEEP,), "The waste that may stay: 5%, 2G, unlimited; empty: as is best.", "",
        _read(Allowance.parse, Wrong.ALLOWANCE),
    ),
    Option("read_data", bool, (CHECK,), "Read and verify every byte each time.", False),
    Option(
        "read_days", int, (CHECK,), "Read everything in so many days, a part each; 0: no data.", 30, _within(0, 3650)
    ),
    Option("scan", bool, (CHECK,), "Vouch for what is sound and condemn what isn't.", True),
    Option("drill_files", int, (CHECK,), "Files of each chosen snapshot to restore for a trial; 0: none.", 20,
           _within(0, 100_000)),
    Option("drill_older", int, (CHECK,), "Older snapshots to try beside the newest ones.", 2, _within(0, 100)),
    Option("parity", int, (SAVE, KEEP), "Percent of parity, where the repository isn't the portal's; 0: none.", 0,
           _within(0, 100)),
    Option("limit_upload", str, DUTIES, "Bytes a second to send at most: 500k, 2M; empty: no limit.", "",
           _read(parse_rate, Wrong.RATE)),
    Option("limit_download", str, DUTIES, "Bytes a second to receive at most.", "", _read(parse_rate, Wrong.RATE)),
    Option(
        "windows", str, DUTIES, "Other limits for a part of the day: `mon-fri 08:00-18:00=500k`.", [],
        _read(parse_window, Wrong.WINDOW), several=True,
    ),
    Option("workers", int, DUTIES, "Threads that work at the same time; 0: one a processor.", 0, _within(0, 64)),
    Option("retries", int, DUTIES, "How often a run that failed is tried again before its next turn.", 2,
           _within(0, 20)),
)  # fmt: skip
BY_NAME = {option.name: option for option in OPTIONS}


def of(duty: str) -> list[Option]:
    """What a plan may say to an agent of this duty."""
    return [option for option in OPTIONS if duty in option.duties]


def read(duty: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Every option of the duty with its value, and every fault of what was given, each with its place."""
    known = {option.name: option for option in of(duty)}
    faults = [Fault(f"options.{name}", Wrong.UNKNOWN) for name in values if name not in known]
    found = {}
    for name, option in known.items():
        given = values.get(name)
        found[name] = option.default if given is None or given == "" else _value(option, given, faults)
    if duty == KEEP and not any(_keeps(found, name) for name in (*_KEEPS, "within", "tags")):
        faults.append(Fault("options.keep_last", Wrong.EMPTY))
    return found, faults


def read_paths(paths: Iterable[str]) -> list[Fault]:
    """Whether each is a path from the root, without steps back."""
    lines = list(paths)
    faults = [
        Fault(f"paths.{number}", Wrong.PATH)
        for number, path in enumerate(lines)
        if not path.startswith("/") or len(path) > LONGEST_PATH or "\0" in path or ".." in PurePosixPath(path).parts
    ]
    return faults + ([Fault("paths", Wrong.MANY)] if len(lines) > MOST_LINES else [])


def read_excludes(patterns: Iterable[str]) -> list[Fault]:
    lines = list(patterns)
    faults = []
    for number, pattern in enumerate(lines):
        try:
            Patterns([pattern])
        except BackupError:
            faults.append(Fault(f"excludes.{number}", Wrong.PATTERN))
        else:
            if len(pattern) > LONGEST_PATTERN:
                faults.append(Fault(f"excludes.{number}", Wrong.PATTERN))
    return faults + ([Fault("excludes", Wrong.MANY)] if len(lines) > MOST_LINES else [])


def read_streams(streams: Iterable[str]) -> list[Fault]:
    lines = list(streams)
    faults = [
        Fault(f"streams.{number}", Wrong.STREAM) for number, line in enumerate(lines) if not STREAM.fullmatch(line)
    ]
    return faults + ([Fault("streams", Wrong.MANY)] if len(lines) > 50 else [])


def _keeps(found: Mapping[str, Any], name: str) -> bool:
    """Whether this rule keeps anything."""
    said = found[f"keep_{name}"]
    return bool(said) and (name not in _KEEPS or count(said) != 0)


def dump_of(stream: str) -> tuple[str, dict[str, str]]:
    """The kind of a dump and its options: `postgresql:database=clinic,url-file=/etc/clinic.url`."""
    kind, _colon, rest = stream.partition(":")
    named = (one.partition("=") for one in rest.split(",") if one)
    return kind, {name.replace("-", " "): value for name, _sign, value in named}


def _value(option: Option, given: Any, faults: list[Fault]) -> Any:
    if not option.several:
        return _one(option, given, f"options.{option.name}", faults)
    if not isinstance(given, list) or len(given) > MOST_LINES:
        faults.append(Fault(f"options.{option.name}", Wrong.KIND))
        return option.default
    return [_one(option, one, f"options.{option.name}.{number}", faults) for number, one in enumerate(given)]


def _one(option: Option, given: Any, place: str, faults: list[Fault]) -> Any:
    if type(given) is not option.kind:  # a bool is an int, and none of ours
        faults.append(Fault(place, Wrong.KIND))
        return option.default
    try:
        return option.read(given)
    except Refused as error:
        faults.append(Fault(place, error.why))
        return option.default
