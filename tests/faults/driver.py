"""Submits jobs on request: one line in, ``how-many steps pause hold``; one line out, when they are committed."""

from __future__ import annotations

import sys

import django

django.setup()

from django.db import close_old_connections, connection, transaction  # noqa: E402

from core import jobs  # noqa: E402
from core.accounts.models import User  # noqa: E402
from tests.faults.effects.tasks import TABLE  # noqa: E402

with connection.cursor() as cursor:
    cursor.execute(TABLE)
owner, _created = User.objects.get_or_create(email="faults@demo.example", defaults={"full_name": "Faults"})
sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    count, steps, pause, hold = line.split()
    close_old_connections()
    with transaction.atomic():
        for _number in range(int(count)):
            arguments = {"steps": int(steps), "pause": float(pause), "hold": float(hold)}
            jobs.submit(owner, "faults.write", arguments=arguments)
    sys.stdout.write(f"{count}\n")
    sys.stdout.flush()
