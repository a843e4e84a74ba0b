"""What the rooms above access must hear at once."""

from __future__ import annotations

from django.dispatch import Signal

membership_ended = Signal()
"""Sent in the transaction of the removal with `user` and `project` (None: all of them): whatever he has there ends too.

What leaves the database, such as telling his sockets, belongs after the commit.
"""

membership_followed = Signal()
"""Sent in the transaction of a change with `former` and `follower`: what is said of the one counts for the other."""
