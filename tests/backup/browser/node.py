"""Run the browser's engine in node."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Answer = dict[str, Any]


def node(script: str, request: Any, *options: str, seconds: float = 240) -> Any:
    """Send a request to a script beside this file, and read its answer. Needs node, as the README says."""
    program = shutil.which("node")
    assert program, "node is missing: install Node 20 or newer"
    done = subprocess.run(
        [program, "--disable-warning=ExperimentalWarning", *options, str(HERE / script)],
        input=json.dumps(request, default=_out),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, object_hook=_into)


def _out(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value))


def _into(value: dict[str, Any]) -> Any:
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return int(value["$big"]) if "$big" in value else value


def values(*calls: tuple[str, str, list[Any]]) -> list[Any]:
    """What functions of the engine's modules give: each named by its module and name."""
    answers = node("call.mjs", calls)
    assert [answer["error"] for answer in answers if "error" in answer] == []
    return [answer.get("value") for answer in answers]


def big(value: int) -> dict[str, str]:
    """A BigInt."""
    return {"$big": str(value)}
