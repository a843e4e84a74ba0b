"""Which permissions an operation asks for, read from its code: the action, and what that calls in its room.

So the description can't promise another permission than the one that is asked for.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from core import tool
from core.access.people import is_administrator, require_administrator
from core.jobs import registry

ADMINISTRATOR = "administrator"
"""Stands for what only an administrator of the instance does, whatever his permissions in projects."""


def asked_by(view: Any, method: str) -> list[str]:
    """The codes that the action of a view names, or the services of its room that it calls; sorted."""
    from core.rest.bulk import ACTIONS  # its own description needs this module first

    kind = type(view)
    room = room_of(kind.__module__)
    action = getattr(view, "action", None) or method.lower()
    acts = [ACTIONS[act] for act in kind.bulk_acts] if action == "bulk" else [action]
    known = {permission.code for each in tool.rooms() for permission in each.permissions}
    found, seen = set[str](), set[FunctionType]()
    open_ = [function for name in (*acts, "get_queryset") if (function := getattr(kind, name, None))]
    while open_:
        function = inspect.unwrap(open_.pop())
        if not isinstance(function, FunctionType) or function in seen:
            continue
        seen.add(function)
        for value in values_of(function, kind):
            if value in (require_administrator, is_administrator):
                found.add(ADMINISTRATOR)
            elif isinstance(value, str):
                task = registry.find(value)
                found |= known & {value, task.needs if task else ""}
            elif room and isinstance(value, FunctionType) and value.__module__.startswith(f"{room}."):
                open_.append(value)
    scope = getattr(getattr(getattr(kind, "queryset", None), "model", None), "scope", None)
    return sorted(found | ({scope.read} & known if scope else set()))


def room_of(module: str) -> str:
    return next((each.name for each in tool.rooms() if module.startswith(f"{each.name}.")), "")


def values_of(function: FunctionType, kind: type) -> Iterator[Any]:
    """The texts that a function holds, and what its names mean: in its module, in one it names, on its own view."""
    inside = [*codes(function.__code__)]
    names = dict.fromkeys(name for code in inside for name in code.co_names)
    yield from (value for code in inside for value in code.co_consts if isinstance(value, str))
    modules = [value for name in names if isinstance(value := function.__globals__.get(name), ModuleType)]
    holders: list[Callable[[str], Any]] = [function.__globals__.get, functools.partial(named_in, modules)]
    if function.__qualname__.partition(".")[0] in {each.__name__ for each in kind.__mro__}:
        # in other functions, `create` is that of another thing
        holders.append(own(kind))
    for name in names:
        for holder in holders:
            if callable(value := holder(name)) or isinstance(value, str):
                yield value


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from codes(inner)


def named_in(modules: list[ModuleType], name: str) -> Any:
    ours = (module for module in modules if room_of(f"{module.__name__}."))
    return next((value for module in ours if (value := getattr(module, name, None)) is not None), None)


def own(kind: type) -> Callable[[str], Any]:
    """A method that the view's room gives it; what all resources have says nothing of this one."""
    return lambda name: value if isinstance(value := vars(kind).get(name), FunctionType) else None
