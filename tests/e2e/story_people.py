"""Run by ``manage.py shell`` in the instance of the story: gives people a password and a second factor to type."""

import json
import sys

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from core.access.models import Membership
from core.accounts.models import User

people = {}
for part in ("owner", "member", "researcher"):
    user = User.objects.get(email=f"{part}@demo.example")
    user.language = language  # noqa: F821  (said before this script)
    secret, password = generate_totp_secret(), f"une phrase pour {part}, longue"
    user.set_password(password)
    user.save()
    Membership.objects.filter(user=user).update(ends_at=None, ended_by=None)  # the last telling removed the clinician
    Authenticator.objects.filter(user=user).delete()
    TOTP.activate(user, secret)
    people[part] = {"email": user.email, "password": password, "secret": secret}
sys.stdout.write(json.dumps(people))
