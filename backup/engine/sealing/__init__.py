"""Files sealed for one receiver (SEALED.md)."""
