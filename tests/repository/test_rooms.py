"""What holds for every room and tool: its map, its templates, the words of its audit trail, what its pages list."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps

from core import tool
from tests.repository.files import CODE, ROOT, TOOLS, named, tracked

ROOMS = sorted({path.parent for path in named("__init__.py", among=("core",)) if path.parent.parent == ROOT / "core"})
FOLDERS = [path.relative_to(ROOT).as_posix() for path in ROOMS] + list(TOOLS)
DJANGO_S = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
"""Templates that Django finds by their name alone."""
NARROW = {"visible_to", "none", "filter", "get"}
SHOWS = {"fetch", "Prefetch"}
"""Calls that take all rows of a model and give those which the actor may see, or which belong to a row he sees."""


@pytest.mark.parametrize("room", FOLDERS)
def test_every_room_has_its_map(room: str) -> None:
    """Who opens a room for the first time finds a page that says what it is for and where things are."""
    assert len((ROOT / room / "README.md").read_text().splitlines()) >= 5


def templates() -> dict[str, Path]:
    """Every template of ours by the name it is asked for."""
    found = {}
    for path in tracked():
        folders = path.relative_to(ROOT).parts
        if folders[0] in CODE and "templates" in folders:
            found["/".join(folders[folders.index("templates") + 1 :])] = path
    return found


def replaces_a_librarys(name: str) -> bool:
    """Whether allauth or Django's forms ask for this template, and find ours before their own."""
    stem = re.sub(r"_(subject|message)?$", "", name.rpartition(".")[0])
    for library in ("allauth", "django.forms"):
        spec = find_spec(library)
        assert spec is not None
        assert spec.submodule_search_locations
        folder = Path(spec.submodule_search_locations[0], "templates")
        if any((folder / other).exists() for other in (name, f"{stem}.html", f"{stem}.txt")):
            return True
    return False


def test_every_template_is_used() -> None:
    """No template is left over: each is named by code or by another template, or takes the place of a library's."""
    texts = {path: path.read_text() for suffix in (".py", ".html", ".txt") for path in named(suffix, among=CODE)}
    unused = [
        name
        for name, own in templates().items()
        if name not in DJANGO_S
        and not replaces_a_librarys(name)
        and not any(name in text for path, text in texts.items() if path != own)
    ]
    assert unused == []


def test_every_test_says_what_it_shows() -> None:
    """The docstrings of the tests are the specification: none is missing."""
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in named(".py", among=("tests",))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_benchmark_is_run() -> None:
    """`make bench` finds something to measure in each of its modules."""
    modules = [path for path in named(".py", among=("tests",)) if path.name.startswith("bench_")]
    assert len(modules) > 5
    assert [path.name for path in modules if not re.search(r"^def test_", path.read_text(), re.MULTILINE)] == []


def records() -> Iterator[tuple[str, str, set[str]]]:
    """Place, action and names of the details of each event that code records by a fixed action."""
    for path in named(".py", among=CODE):
        for node in ast.walk(ast.parse(path.read_text())):
            if called(node) == "record" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):  # type: ignore[attr-defined]
                details = {word.arg for word in node.keywords if word.arg} - {"project", "outcome", "reason"}  # type: ignore[attr-defined]
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[1].value, details  # type: ignore[attr-defined]


def test_what_is_recorded_has_words() -> None:
    """Each action that code records in the audit trail is told in words, and so is all that is recorded besides."""
    actions, names = tool.audit_actions(), tool.audit_details()
    recorded = list(records())
    assert len(recorded) > 50
    assert {action: place for place, action, _details in recorded if action not in actions} == {}
    assert {place: unknown for place, action, details in recorded if (unknown := details - {*names[action]})} == {}


def called(node: ast.AST) -> str:
    """The name of what a call calls."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", "") or getattr(function, "id", "")


def unguarded(source: str, scoped: set[str]) -> Iterator[tuple[int, str]]:
    """Line and model wherever all rows of a scoped model are taken, and nothing asks who may see them."""
    tree = ast.parse(source)
    parent = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr == "objects" and getattr(node.value, "id", "") in scoped):
            continue
        chain, top = set(), node
        while isinstance(above := parent[top], ast.Attribute) or (isinstance(above, ast.Call) and above.func is top):
            chain.add(getattr(above, "attr", ""))
            top = above  # type: ignore[assignment]
        while isinstance(above := parent[top], ast.IfExp):
            top = above  # type: ignore[assignment]
        names = {getattr(target, "id", "") for target in above.targets} if isinstance(above, ast.Assign) else set()
        passed_on = any(
            called(call) in SHOWS and names & {getattr(part, "id", "") for part in ast.walk(call)}
            for call in ast.walk(tree)
        )
        if not (chain & NARROW or called(above) in SHOWS or names == {"queryset"} or passed_on):
            yield node.lineno, getattr(node.value, "id", "")


def test_no_page_lists_everybodys_rows() -> None:
    """Pages and resources take the rows of projects only through what asks who may see them."""
    scoped = {model.__name__ for model in apps.get_models() if hasattr(model, "scope")}
    assert len(scoped) > 10
    found = [
        f"{path.relative_to(ROOT)}:{line} {model}"
        for path in named(".py", among=CODE)
        if {"web", "api"} & set(path.relative_to(ROOT).parts[1:])
        for line, model in unguarded(path.read_text(), scoped)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("rows = Note.objects.all()", [1]),
        ("rows = Note.objects.select_related('project')", [1]),
        ("rows = Note.objects.visible_to(actor).all()", []),
        ("row = access.fetch(Note.objects.all(), actor, pk=1)", []),
        ("rows = Note.objects.exclude(deleted_at=None)\nrow = fetch(rows, actor, pk=1)", []),
        ("class Notes:\n    queryset = Note.objects.all()", []),
        ("rows = Other.objects.all()", []),
    ],
)
def test_unguarded_rows_are_found(code: str, lines: list[int]) -> None:
    """The rule above sees what it should see."""
    assert [line for line, _model in unguarded(code, {"Note"})] == lines
