"""``manage.py token create --user E-MAIL --project P --permissions a,b`` prints a token, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import audit
from core.access.models import Project
from core.access.rules import Refused
from core.accounts.models import User
from core.api import services
from core.errors import Invalid


class Command(BaseCommand):
    help = "Create an access token for the API."

    def add_arguments(self, parser: CommandParser) -> None:
        create = parser.add_subparsers(dest="act", required=True).add_parser("create", help="Create and print a token.")
        create.add_argument("--user", required=True, metavar="E-MAIL")
        create.add_argument("--project", required=True, metavar="SLUG")
        create.add_argument("--permissions", required=True, metavar="a,b")
        create.add_argument("--name", default="command line")
        create.add_argument("--days", type=int, default=30)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody has an account as {options['user']}.")
        project = Project.objects.visible_to(user).filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"{user.email} sees no project called {options['project']}.")
        permissions = [code.strip() for code in options["permissions"].split(",") if code.strip()]
        try:
            _token, text = services.give_token(
                user, project, options["name"], permissions, timezone.now() + timedelta(days=options["days"])
            )
        except Invalid as error:
            raise CommandError("\n".join(f"{fault.place}: {fault.message}" for fault in error.faults)) from error
        except Refused as error:
            audit.record(None, "access.refused", user, project=project, outcome="refused", permission=error.permission)
            raise CommandError(f"{user.email} may not create tokens in {project.slug}.") from error
        self.stdout.write(text)
