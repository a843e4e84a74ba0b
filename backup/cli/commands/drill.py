"""`suite-backup drill`: a test restore: files drawn by chance must come back as they were saved."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path

from backup.cli import VERSION, reasons, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import Each, note, size
from backup.cli.session import Session
from backup.cli.words import _, ngettext
from backup.engine.checking.drawing import Extent
from backup.engine.checking.drill import drill
from backup.engine.checking.drill_report import Drill, signed


def configure(parser: argparse.ArgumentParser) -> None:
    usual = Extent()
    parser.add_argument(
        "--older", type=int, default=usual.older, metavar="N", help=_("snapshots beside the newest ones")
    )
    parser.add_argument(
        "--share", type=_share, default=usual.share, metavar="PART", help=_("of the files of each: 1%%")
    )
    parser.add_argument("--most-files", type=int, default=usual.most_files, metavar="N", help=_("of one snapshot"))
    parser.add_argument("--most-data", type=size, default=usual.most_bytes, metavar="SIZE", help=_("in all: 2G"))
    parser.add_argument(
        "--place", type=Path, metavar="DIR", help=_("restore to disk there, instead of in memory alone")
    )
    parser.add_argument(
        "--compare", action=Each, type=note, default=[], metavar="SOURCE=DIR", help=_("compare with what was saved")
    )
    parser.add_argument("--seed", metavar="HEX", help=_("draw the same as another time"))
    parser.add_argument("--report", type=Path, metavar="FILE", help=_("write a report that the key signs"))


def run(session: Session, options: argparse.Namespace) -> int:
    def watch(files: int, count: int) -> None:
        if session.output.bar is not None:
            session.output.bar.show(count, 0, files, unit=shown.size)
        session.output.tell({"type": "progress", "files": files, "bytes": count})

    done = drill(
        session.repository,
        seed=_seed(options.seed),
        clock=session.clock,
        tool=f"suite-backup {VERSION}",
        extent=Extent(options.older, options.share, options.most_files, options.most_data),
        place=options.place,
        sources={name: Path(folder) for name, folder in options.compare},
        progress=watch,
    )
    if options.report is not None:
        _write(options.report, signed(done, session.key))
    session.hooks.end("done" if done.sound else "failed", files=done.files, failures=len(done.failures))
    row = {**asdict(done), "sound": done.sound, "hooks": session.hooks.ran}
    session.output.summary(row, *_lines(done))
    return Exit.DONE if done.sound else Exit.FAILED


def _lines(done: Drill) -> list[str]:
    files = ngettext("{count} file", "{count} files", done.files)
    said = _("All came back as saved:") if done.sound else _("NOT ALL came back as saved:")
    lines = [
        said + " " + _("{files}, {size}").format(files=files, size=shown.size(done.bytes)),
        _("From {count} snapshots, in {time}; seed {seed}").format(
            count=len(done.snapshots), time=shown.duration(done.seconds), seed=done.seed
        ),
    ]
    if done.compared or done.changed:
        lines.append(
            _("{compared} compared with their source, {changed} changed there since").format(
                compared=done.compared, changed=done.changed
            )
        )
    lines += [f"  {one.snapshot[:12]}:{shown.line(one.path)}: {reasons.told(one.why)}" for one in done.failures]
    return lines


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(_("{text} is no share: write 1%").format(text=text))
    return share


def _seed(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text) if text else os.urandom(16)
    except ValueError:
        raise Failed(_("a seed is an even number of hexadecimal digits")) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n")
    except OSError as error:
        raise Failed(_("{path} can't be written: {why}").format(path=path, why=error.strerror)) from error
