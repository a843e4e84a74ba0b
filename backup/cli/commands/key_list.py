"""`suite-backup key list`: who was let into a repository."""

from __future__ import annotations

import argparse

from backup.cli import shown
from backup.cli.codes import Exit
from backup.cli.failures import damage
from backup.cli.session import ROLES, Session
from backup.cli.words import _
from backup.engine.errors import Damaged


def configure(_parser: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def run(session: Session, _options: argparse.Namespace) -> int:
    repository = session.repository
    badges, problems = [], 0
    for found in repository.examine_badges():
        if isinstance(found, Damaged):
            session.output.warn(damage(found))
            problems += 1
        else:
            badges.append(found)
    badges.sort(key=lambda badge: (badge.created, badge.key_id))
    revoked = repository.config.revoked
    rows = [
        {
            "key": badge.key_id.hex(),
            "role": badge.role.name.lower(),
            "label": badge.label,
            "created": shown.stamp(badge.created),
            "revoked": shown.stamp(revoked[badge.key_id].since) if badge.key_id in revoked else None,
        }
        for badge in badges
    ]
    columns = [
        (
            badge.key_id.hex()[:12],
            _(ROLES[badge.role.name.lower()]),
            badge.label,
            shown.moment(badge.created),
            shown.moment(revoked[badge.key_id].since) if badge.key_id in revoked else "",
        )
        for badge in badges
    ]
    session.output.array(rows, (_("Key"), _("Type"), _("Label"), _("Made"), _("Revoked")), columns)
    return Exit.FAILED if problems else Exit.DONE
