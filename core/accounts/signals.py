"""What happens to accounts, for the rooms above: the audit trail listens."""

from django.dispatch import Signal

link_made = Signal()
"""A one-time sign-in link was made: `user`."""
link_used = Signal()
"""A one-time sign-in link was used: `user`."""
