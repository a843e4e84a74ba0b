"""`manage.py signin-link [E-MAIL]`: print a link that signs a person in once, within ten minutes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.accounts import signin_link
from core.accounts.models import User
from core.errors import Invalid

FIRST = "administrator@localhost.localdomain"
DEMO = "owner@demo.example"


class Command(BaseCommand):
    help = "Print a link that signs a person in once, within ten minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?", help="without it: the demo's project manager, or an administrator")

    def handle(self, *args: Any, **options: Any) -> str:
        user = self.person(options["email"]) if options["email"] else self.first()
        try:
            return signin_link.make(user)
        except Invalid as error:
            raise CommandError(str(error.faults[0].message)) from error

    def person(self, email: str) -> User:
        try:
            return User.objects.get_by_natural_key(email)
        except User.DoesNotExist as error:
            raise CommandError(f"Nobody here has the address {email}.") from error

    def first(self) -> User:
        """Who opens the instance: the demo's project manager, or an administrator, made if there is none."""
        if settings.DEMO and (user := User.objects.filter(email=DEMO).first()):
            return user
        administrators = User.objects.filter(is_administrator=True, is_active=True)
        return administrators.order_by("created_at").first() or User.objects.create_user(
            FIRST, full_name="Administrator", is_administrator=True
        )
