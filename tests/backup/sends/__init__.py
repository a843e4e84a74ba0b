"""Sealed files on their way: what their owners, and whoever has a link, may do with them."""
