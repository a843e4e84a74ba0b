"""What the suite can't serve anybody without: its database, its Valkey, its tables."""

from __future__ import annotations

import logging
from functools import cache

from django.core.cache import cache as valkey_cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from core.tool import Finding, Level

logger = logging.getLogger(__name__)


def database() -> Finding:
    """PostgreSQL answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("The database doesn't answer: %s", error)
        return Finding("database", Level.FAILED, _("The database doesn’t answer. Is PostgreSQL running?"))
    return Finding("database", Level.GOOD, asks=_("PostgreSQL answers."))


def valkey() -> Finding:
    """Valkey answers."""
    try:
        valkey_cache.get("health")
    except RedisError as error:
        logger.warning("Valkey doesn't answer: %s", error)
        return Finding("valkey", Level.FAILED, _("Valkey doesn’t answer. Is it running?"))
    return Finding("valkey", Level.GOOD, asks=_("Valkey answers."))


def migrations() -> Finding:
    """The tables are those that this version of the code needs."""
    try:
        current = is_migrated()
    except DatabaseError as error:
        logger.warning("The migrations can't be read: %s", error)
        current = False
    if not current:
        return Finding("migrations", Level.FAILED, _("The database isn’t up to date. Run manage.py upgrade."))
    return Finding("migrations", Level.GOOD, asks=_("The tables are those that this version of the code needs."))


class NotMigrated(Exception):
    """There are migrations to apply."""


@cache
def remember_migrated() -> None:
    """Look once: what has been applied stays so as long as this process runs. Raises NotMigrated, which isn't kept."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated


def is_migrated() -> bool:
    try:
        remember_migrated()
    except NotMigrated:
        return False
    return True
