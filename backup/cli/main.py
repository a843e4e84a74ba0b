"""Where `suite-backup` begins: find the language and the command, run it, say how it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from backup.cli import calling, signals, words
from backup.cli.calling import Call
from backup.cli.codes import Exit
from backup.cli.failures import Interrupted, in_words
from backup.cli.hooks import Hooks
from backup.cli.output import Output, silence
from backup.cli.settings import Settings
from backup.cli.words import _
from backup.engine.keykeeping.hardening import harden

SWITCH = 0.0005
"""Seconds after which a thread lets another one run: short calls of the workers would starve beside a busy walk."""
STATUS = {
    Exit.DONE: "done",
    Exit.FAILED: "failed",
    Exit.PARTLY: "unread",
    Exit.INTERRUPTED: "interrupted",
}
"""What hooks are told."""


def run() -> NoReturn:
    """The console script."""
    _fill_gaps()
    try:
        code = main(sys.argv[1:], os.environ)
        sys.stdout.flush()
    except BrokenPipeError:  # who read what we said has left
        silence(sys.stdout)
        code = Exit.FAILED
    sys.exit(code)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    sys.setswitchinterval(SWITCH)
    harden(lock=False)
    signals.listen()
    words.speak(words.preferred(environment))
    seen, output = Settings(), Output()
    try:
        seen = calling.glance(arguments, environment)
        output = Output(json=seen.flag("json"), quiet=seen.flag("quiet"))
        words.speak(calling.language(seen, environment))
        call = calling.understand(arguments, seen, environment)
    except (Exception, KeyboardInterrupt) as error:
        return _over(error, output, seen)
    return _do(call, environment)


def _do(call: Call, environment: Mapping[str, str]) -> int:
    from backup.cli.session import Session

    settings, options = call.settings, call.options
    output = Output(json=settings.flag("json"), quiet=settings.flag("quiet"), array=call.command.array)
    before, after = ([*settings.hooks.get(f"{when}-{call.name}", ()), *getattr(options, when, ())] for when in _WHEN)
    hooks = Hooks(before, after, output, {"command": call.name})
    session = Session(call, output, hooks, environment)
    code: int = Exit.FAILED
    try:
        try:
            code = call.module.run(session, options)
        finally:
            session.close()
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, Interrupted) and call.command.kept:
            output.warn(_(call.command.kept))
        code = _over(error, output, settings)
    finally:
        hooks.end(STATUS[Exit(code)])
    output.flush()
    return code


_WHEN = ("pre", "post")


def _over(error: BaseException, output: Output, settings: Settings) -> int:
    """Say why it ended before its end: the exit code."""
    if settings.flag("debug"):
        raise error
    code = Exit.INTERRUPTED if isinstance(error, KeyboardInterrupt) else Exit.FAILED
    output.fail(_("interrupted") if code is Exit.INTERRUPTED else in_words(error), code)
    return code


def _fill_gaps() -> None:
    """What is closed of the three standard streams would be given to the next file opened."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode))
