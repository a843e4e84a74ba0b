"""``python -m core.provider.engine ADDRESS CLIENT_ID``: sign in on a command line, and list one's projects."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.provider.engine import Failed, Session, sign_in


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.provider.engine", description="Sign in to a suite.")
    parser.add_argument("suite", help="its address")
    parser.add_argument("client", help="the client id that its administrator gave this program")
    parser.add_argument("--file", type=Path, default=Path.home() / ".config/suite-interhop/session.json")
    parser.add_argument("--out", action="store_true", help="sign out")
    given = parser.parse_args(words)
    session = Session(given.suite.rstrip("/"), given.client, given.file)
    try:
        if given.out:
            session.sign_out()
            return 0
        if not session.known:
            session = sign_in(given.suite, given.client, path=given.file, show=show)
        for project in session.get("/api/v1/projects/")["results"]:
            sys.stdout.write(f"{project['slug']}\t{project['name']}\n")
    except Failed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def show(address: str, code: str) -> None:
    sys.stderr.write(f"Open {address}\nand check that it shows the code {code}\n")


if __name__ == "__main__":
    sys.exit(main())
