"""What happens to accounts, for the rooms above: the audit trail listens."""

from django.dispatch import Signal

link_made = Signal()
"""A one-time sign-in link was made: `user`."""
link_used = Signal()
"""A one-time sign-in link was used: `user`."""
identity_linked = Signal()
"""Somebody may sign in through an identity provider from now on: `user`, `provider` by name."""
identity_unlinked = Signal()
"""He may not any more: `user`, `provider` by name."""
session_crowded_out = Signal()
"""The session used least recently ended, because there was one too many: `user`, `device` in words."""
sessions_ended = Signal()
"""Somebody ended sessions of his from his list: `user`, `count`."""
session_expired = Signal()
"""A session was over when it was used again: `user`."""
