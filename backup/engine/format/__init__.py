"""What objects are made of, one module for each kind (FORMAT.md)."""
