"""The grammar of French posology: small parsers that read facts from tokens, and the assembly of facts into dosages."""
