"""What the rooms above access must hear at once."""

from __future__ import annotations

from django.dispatch import Signal

membership_ended = Signal()
"""Sent after the commit with `user` and `project` (None: all of them): end his sockets, jobs and kernels there."""
