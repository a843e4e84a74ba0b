"""One writer of the audit benchmark: so many transactions, one in ten rolled back; says how many it committed."""

from __future__ import annotations

import sys

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from core import audit  # noqa: E402
from core.context import Context, current  # noqa: E402

PLAIN = "INSERT INTO plain_event (action, outcome, object_type, object_id, reason, details, channel, request_id)"
PLAIN += " VALUES (%s, 'done', '', '', '', '{}', 'job', %s)"


def journal(number: int) -> None:
    audit.record(None, "audit.journal_read", number=number)


def plain(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, ["audit.journal_read", "0" * 32])


write = {"journal": journal, "plain": plain}[sys.argv[1]]
current.set(Context(request_id="0" * 32, channel="job"))
connection.ensure_connection()
sys.stdout.write("ready\n")
sys.stdout.flush()
sys.stdin.readline()
committed = 0
for number in range(int(sys.argv[2])):
    with transaction.atomic():
        write(number)
        if number % 10 == 9:
            transaction.set_rollback(True)
        else:
            committed += 1
sys.stdout.write(f"{committed}\n")
