"""A stranger proves the chain with what the README gives him, and nothing of ours."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import core.audit
from core.audit import export, signing
from core.audit.models import Event

README = Path(core.audit.__file__).with_name("README.md")


def proof(tmp_path: Path, lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the README's program on an exported chain."""
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    chain = tmp_path / "chain.jsonl"
    chain.write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-c", program, str(chain)]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)


def test_the_program_of_the_readme_proves_an_export(sealed: None, tmp_path: Path) -> None:
    """The exported chain with its signed head is found whole; the export itself stands in the journal."""
    signing.sign()
    done = proof(tmp_path, list(export.lines()))
    assert done.stdout == "20 events are as they were written\n", done.stderr
    assert Event.objects.latest("id").action == "audit.journal_exported"


def test_the_program_of_the_readme_knows_older_keys(sealed: None, tmp_path: Path, settings: Any) -> None:
    """Heads signed before the key was renewed are proven by the older key, which the export names after the new one."""
    signing.sign()
    settings.AUDIT_OLD_KEYS = [signing.public_key()]
    settings.AUDIT_KEY = base64.b64encode(bytes(32)).decode()
    done = proof(tmp_path, list(export.lines()))
    assert done.stdout == "20 events are as they were written\n", done.stderr


def test_the_program_of_the_readme_finds_a_change(sealed: None, tmp_path: Path) -> None:
    """One changed letter is named by its link."""
    lines = list(export.lines())
    lines[7] = lines[7].replace("audit.journal_read", "audit.journal_reaD")
    done = proof(tmp_path, lines)
    assert done.returncode != 0
    assert "link 7 is wrong" in done.stderr
