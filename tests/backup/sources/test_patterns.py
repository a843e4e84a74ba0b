"""Patterns mean what they mean in a .gitignore."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backup.engine.sources.patterns import NOTHING, BadPattern, Patterns

MATCHES = [
    ("*.tmp", "a.tmp", True),
    ("*.tmp", "deep/er/a.tmp", True),
    ("*.tmp", "a.tmp.txt", False),
    ("/var/cache", "var/cache", True),
    ("/var/cache", "srv/var/cache", False),
    ("var/cache", "srv/var/cache", False),
    ("**/node_modules", "a/b/node_modules", True),
    ("**/node_modules", "node_modules", True),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("a/**", "a", False),
    ("a/**", "a/x/y", True),
    ("?", "é", True),
    ("??", "é", False),
    ("[a-c]x", "bx", True),
    ("[!a-c]x", "bx", False),
    ("[]]", "]", True),
    (r"\*", "*", True),
    (r"\*", "x", False),
    (r"\#x", "#x", True),
    ("#x", "#x", False),
    (r"\!x", "!x", True),
    ("x ", "x", True),
    (r"x\ ", "x ", True),
    ("a.b", "axb", False),
    ("*", ".hidden", True),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), MATCHES)
def test_meanings(pattern: str, path: str, expected: bool) -> None:
    """Stars, question marks, choices, escapes, slashes at the start, in the middle and at the end."""
    assert Patterns([pattern]).match(path, is_folder=False) is expected


def test_folders_only() -> None:
    """With a slash at its end a pattern fits folders alone."""
    assert Patterns(["build/"]).match("a/build", is_folder=True)
    assert not Patterns(["build/"]).match("a/build", is_folder=False)


def test_the_last_one_decides() -> None:
    """What one pattern takes, a later one with `!` gives back, by name or by path."""
    patterns = Patterns(["*.log", "!keep.log", "/x/*", "!/x/a.log", "*.log2"])
    taken = ["a.log", "x/b", "x/keep.log", "b.log2"]
    assert [path for path in [*taken, "keep.log", "x/a.log"] if patterns.match(path, is_folder=False)] == taken


def test_joined() -> None:
    """The patterns of two lists are one list, the second after the first."""
    assert not (Patterns(["*.a"]) + Patterns(["!x.a"])).match("x.a", is_folder=False)
    assert (Patterns(["!x.a"]) + Patterns(["*.a"])).match("x.a", is_folder=False)


def test_without_regard_to_case() -> None:
    """Capital letters make no difference where that is asked for, also those outside of ASCII."""
    patterns = Patterns(["*.JPG", "été"], ignore_case=True) + Patterns(["Case"])
    assert patterns.match("a.jpg", is_folder=False)
    assert patterns.match("ÉTÉ", is_folder=False)
    assert not patterns.match("case", is_folder=False)


@pytest.mark.parametrize("pattern", ["[a", "a\\", "[a-", "[\\"])
def test_what_is_no_pattern(pattern: str) -> None:
    """A pattern that can't be understood is refused with the pattern in the words."""
    with pytest.raises(BadPattern, match=r"without its \]|backslash"):
        Patterns([pattern])


def test_none() -> None:
    """Comments and empty lines are no patterns."""
    assert not NOTHING
    assert not Patterns(["", "# x", "   ", "/"])
    assert not NOTHING.match("x", is_folder=False)


def test_names_that_are_not_text() -> None:
    """Bytes that are no UTF-8 are one character each."""
    assert Patterns(["a?b"]).match(b"a\xffb".decode(errors="surrogateescape"), is_folder=False)


WORDS = st.text("ab.", min_size=1, max_size=3).filter(lambda word: word.strip("."))
GLOBS = st.lists(
    st.sampled_from(["a", "b", "*", "?", "**", ".", "[ab]", "[!a]", "/", "/", "/**/", "**/"]), min_size=1, max_size=6
).map("".join)
LINES = st.lists(
    st.tuples(st.sampled_from(["", "", "!"]), st.sampled_from(["", "/"]), GLOBS, st.sampled_from(["", "/"])).map(
        "".join
    ),
    min_size=1,
    max_size=4,
)
PATHS = st.lists(st.lists(WORDS, min_size=1, max_size=4).map("/".join), min_size=1, max_size=12, unique=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("git")
    subprocess.run(["git", "init", "--quiet", path], check=True)
    return path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, paths=PATHS)
def test_git_says_the_same(repository: Path, lines: list[str], paths: list[str]) -> None:
    """Whatever the patterns, git leaves out the same files, with the folders that they lie in."""
    lines = [line for line in lines if _is_plain(line)]
    (repository / ".git" / "info" / "exclude").write_text("\n".join(lines) + "\n")
    asked = subprocess.run(
        ["git", "-C", repository, "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    ignored = set(filter(None, asked.stdout.split("\0")))
    assert {path for path in paths if _left_out(Patterns(lines), path)} == ignored


def _is_plain(line: str) -> bool:
    """Not what git itself reads in several ways: empty names, and two stars beside something else in a name."""
    parts = line.removeprefix("!").removeprefix("/").removesuffix("/").split("/")
    return all(part and ("**" not in part or part == "**") for part in parts)


def _left_out(patterns: Patterns, path: str) -> bool:
    """As a walk finds it: a folder that is left out isn't entered."""
    parts = path.split("/")
    places = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(patterns.match(place, is_folder=place != path) for place in places)


def test_a_million_names() -> None:
    """Twenty patterns cost a few microseconds for each name: a million files take some seconds."""
    patterns = Patterns(
        [*(f"*.{end}" for end in "abcdefgh"), "node_modules", "/var/cache", *(f"x{n}*y/" for n in range(10))]
    )
    names = [f"home/somebody/project/source/file-{number}.py" for number in range(20_000)]
    began = time.process_time()
    assert not any(patterns.match(name, is_folder=False) for name in names)
    assert (time.process_time() - began) / len(names) < 50e-6
