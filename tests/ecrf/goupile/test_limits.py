"""A script that loops, eats memory or plays tricks ends with a code; who asked goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from ecrf.engine.goupile.run import Limits, Runner, ScriptFault, run
from tests.ecrf.goupile.projects import one_page


@pytest.fixture(scope="module")
def strict() -> Iterator[Runner]:
    made = Runner(limits=Limits(seconds=2, output=2 << 20, request=1 << 20), size=1)
    yield made
    made.close()


BAD = {
    "for (;;) {}": {"time"},
    "await null; for (;;) {}": {"time"},
    "/(a+)+$/.test('a'.repeat(60) + 'b')": {"time"},
    "const a = []; for (;;) a.push(new Array(1e5).fill(1))": {"memory", "time"},
    "'x'.repeat(2 ** 28) + 1": {"memory"},
    "function f() { return f() + 1 } f()": {"stack"},
    "let a = {}; a.a = a; values.a = a": {"exception", "stack"},
    "await new Promise(() => {})": {"waits"},
    "values.big = 'x'.repeat(3e6)": {"output"},
    "Object.prototype.toJSON = () => 'x'": {"bad_result"},
    "JSON.stringify = Object.keys = () => { throw 1 }": {"exception", "bad_result"},
    "Array.prototype.map = () => { throw new Error('mine') }": {"exception", "bad_result"},
    "Promise.prototype.then = () => {}; await 1; throw null": {"exception", "waits", "bad_result"},
    "globalThis.evaluate = null; throw undefined": {"exception"},
    "let b = ;": {"syntax"},
    "for (let i = 0; i < 1e5; i++) form.text('k' + i, '')": {"exception"},
    "new Function('return process')().exit()": {"exception"},
    "await import('fs')": {"exception"},
}


@pytest.mark.parametrize("code", BAD)
def test_bad_scripts(strict: Runner, code: str) -> None:
    """Each ends within the limits, with a code, and the next page runs as if nothing had been."""
    begun = time.monotonic()
    with pytest.raises(ScriptFault) as refused:
        run(one_page(code), "p", runner=strict)
    assert refused.value.code in BAD[code]
    assert time.monotonic() - begun < 15
    assert run(one_page('form.text("a", "A")'), "p", runner=strict)["widgets"][0]["path"] == "a"


def test_nothing_is_kept(strict: Runner) -> None:
    """What one run leaves behind, no other finds."""
    run(one_page("globalThis.left = 1; Array.prototype.left = 1; cache.left = 1"), "p", runner=strict)
    code = 'form.calc("c", "C", typeof left + [].left + cache.left)'
    assert run(one_page(code), "p", runner=strict)["values"]["c"] == "undefinedundefinedundefined"


def test_a_script_has_no_way_out(strict: Runner) -> None:
    """There is no process, no module, no file and no network to be named."""
    names = ["process", "require", "std", "os", "Deno", "XMLHttpRequest", "WebSocket", "print", "scriptArgs"]
    code = f'form.calc("c", "C", [{",".join(f"typeof {name}" for name in names)}].join())'
    assert run(one_page(code), "p", runner=strict)["values"]["c"] == ",".join(["undefined"] * len(names))


def test_too_large_a_request(strict: Runner) -> None:
    """More than a request may hold isn't sent at all."""
    with pytest.raises(ScriptFault) as refused:
        run(one_page("/*" + "x" * (1 << 20) + "*/"), "p", runner=strict)
    assert refused.value.code == "too_large"


def test_a_process_that_was_ended(strict: Runner) -> None:
    """Where the process was ended from outside, the next run starts another."""
    run(one_page(""), "p", runner=strict)
    child = strict.idle.get()
    assert child is not None
    os.kill(child.process.pid, 9)
    child.process.wait()
    strict.idle.put(child)
    assert run(one_page(""), "p", runner=strict)["ok"] is True


def test_no_process_at_all() -> None:
    """Where no process can be started, that is said, with a code."""
    broken = Runner(launcher=lambda command: ["/bin/false", *command], size=1)
    with pytest.raises(ScriptFault) as refused:
        run(one_page(""), "p", runner=broken)
    assert refused.value.code == "no_runner"
    broken.close()


def test_unknown_page(strict: Runner) -> None:
    """A page that the project doesn't have, or whose file is missing, is told."""
    for page in ("q", "none"):
        with pytest.raises(ScriptFault) as refused:
            run(one_page("", 'app.form("q", "Q")'), page, runner=strict)
        assert refused.value.code == "no_page"
