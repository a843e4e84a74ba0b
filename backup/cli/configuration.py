"""The files that hold settings: names as on the command line, a table for each command, hooks and profiles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backup.cli.failures import Failed
from backup.cli.settings import BY_NAME, Settings
from backup.cli.words import _

SYSTEM = Path("/etc/suite-backup.toml")
_UNFIT = {"config", "profile"}


def usual(environment: Mapping[str, str]) -> list[Path]:
    """The files that are read where none is named, the one that goes before the other last."""
    home = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config")
    return [SYSTEM, home / "suite-backup" / "config.toml"]


def read(named: Path | None, profile: str, environment: Mapping[str, str], commands: frozenset[str]) -> Settings:
    """What the files say. Raises Failed for one that is named and isn't there, and for what nobody would read."""
    if named is not None and not named.is_file():
        raise Failed(_("{path} isn't there").format(path=named))
    settings = Settings()
    is_known = not profile
    for path in [named] if named else [one for one in usual(environment) if one.is_file()]:
        table = _table(path)
        profiles = table.pop("profiles", {})
        settings = _with(settings, table, path, commands)
        if profile in profiles:
            is_known = True
            settings = _with(settings, profiles[profile], path, commands)
    if not is_known:
        raise Failed(_("no configuration file has a profile `{name}`").format(name=profile))
    return settings


def _table(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Failed(_("{path} can't be read: {why}").format(path=path, why=error)) from error


def _with(settings: Settings, table: Mapping[str, Any], path: Path, known: frozenset[str]) -> Settings:
    given, hooks, commands = dict(settings.given), dict(settings.hooks), dict(settings.commands)
    for name, value in table.items():
        if name == "hooks":
            hooks |= _hooks(value, path, known)
        elif name in known and isinstance(value, dict):
            commands[name] = {**commands.get(name, {}), **value}
        elif name in BY_NAME and name not in _UNFIT:
            given[name] = BY_NAME[name].read(value, str(path), path.parent)
        else:
            raise Failed(_("{path}: nothing is named `{name}`").format(path=path, name=name))
    return Settings(given, hooks, commands)


def _hooks(table: object, path: Path, known: frozenset[str]) -> dict[str, list[str]]:
    """Commands (or folders of them) by `pre-save`, `post-check` and so on."""
    if not isinstance(table, dict):
        raise Failed(_("{path}: `{name}` is a table").format(path=path, name="hooks"))
    found = {}
    for name, value in table.items():
        when, _dash, command = name.partition("-")
        if when not in ("pre", "post") or command not in known:
            raise Failed(_("{path}: nothing is named `{name}`").format(path=path, name=f"hooks.{name}"))
        found[name] = [str(one) for one in (value if isinstance(value, list) else [value])]
    return found
