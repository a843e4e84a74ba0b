"""What is said, and how: text for people, or one JSON object a line for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TextIO

from backup.cli import shown
from backup.cli.bar import Bar

Row = Mapping[str, Any]


class Output:
    def __init__(self, *, json: bool = False, quiet: bool = False, array: bool = False) -> None:
        """`array` says that the answer is one JSON array, beside which nothing else may be said to a program."""
        self.is_json, self.is_quiet, self._is_array = json, quiet, array
        self._out, self._err = sys.stdout, sys.stderr
        for stream in (self._out, self._err):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        self.bar = Bar(self._err) if self._err.isatty() and not json and not quiet else None

    def say(self, text: str) -> None:
        """Tell a person what was done."""
        if not self.is_json and not self.is_quiet:
            self._clear()
            self._write(self._out, text)

    def answer(self, text: str) -> None:
        """Give what was asked for, also when we are to be quiet. Raises BrokenPipeError where nobody listens."""
        self._clear()
        self._out.write(text + "\n")

    def warn(self, text: str) -> None:
        """Tell of something that went wrong, though the command goes on."""
        self._clear()
        self._write(self._err, f"suite-backup: {shown.line(text)}")
        if not self._is_array:
            self.tell({"type": "warning", "message": text})

    def fail(self, text: str, code: int) -> None:
        """Say why the command ended before its end; nothing comes after."""
        self._clear()
        self._write(self._err, f"suite-backup: {shown.line(text)}")
        self.tell({"type": "error", "exit": int(code), "message": text})

    def tell(self, row: Row) -> None:
        """One object to a program."""
        if self.is_json:
            self._write(self._out, json.dumps(row))

    def bytes_done(self, done: int, total: int) -> None:
        """How far work is that is measured in bytes."""
        if self.bar is not None:
            self.bar.show(done, total, unit=shown.size)
        self.tell({"type": "progress", "bytes": done, "total_bytes": total})

    def summary(self, row: Row, *lines: str) -> None:
        """How it ended: the last line for a program, a few lines for a person."""
        self.tell({"type": "summary", **row})
        self.say("\n".join(line for line in lines if line))

    def array(
        self, rows: Iterable[Row], head: Sequence[str], columns: Iterable[Sequence[str]], right: Collection[int] = ()
    ) -> None:
        """A list: one JSON array, or a table."""
        if self.is_json:
            self.stream(rows)
        else:
            self.table(head, columns, right)

    def stream(self, rows: Iterable[Row]) -> None:
        """One JSON array, an element a line, however long it is."""
        before = "["
        for row in rows:
            self._out.write(f"{before}\n{json.dumps(row)}")
            before = ","
        self._out.write("\n]\n" if before == "," else "[]\n")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[int] = ()) -> None:
        """Columns as wide as what they hold, some of them set to the right. A head without words isn't shown."""
        self._clear()
        cells = [[shown.line(cell) for cell in row] for row in rows]
        titles = list(head)
        widths = [max(shown.width(row[at]) for row in [titles, *cells]) for at in range(len(titles))]
        for row in [titles, *cells] if any(titles) else cells:
            padded = []
            for at, cell in enumerate(row):
                space = " " * (widths[at] - shown.width(cell))
                padded.append(space + cell if at in right else cell + space)
            self._out.write("  ".join(padded).rstrip() + "\n")

    def flush(self) -> None:
        self._clear()
        self._out.flush()

    def _clear(self) -> None:
        if self.bar is not None:
            self.bar.clear()

    def _write(self, stream: TextIO, text: str) -> None:
        """What isn't the answer itself is said into the void, rather than that the work stops, where nobody listens."""
        try:
            stream.write(text + "\n")
            stream.flush()
        except BrokenPipeError:
            silence(stream)


def silence(stream: TextIO) -> None:
    """Whatever is written from now on goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
