"""What stops the start, said in words."""

from __future__ import annotations


class CantStart(SystemExit):
    """The suite can't start; the message says why and what to do. Ends the command without a stack trace."""
