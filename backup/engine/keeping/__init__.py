"""Which snapshots stay, and how room is made."""
