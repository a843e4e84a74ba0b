"""Tables in other programs' files: read inside a sandbox, written for those who take data away. No Django here."""
