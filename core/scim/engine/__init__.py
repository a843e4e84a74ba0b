"""The language of SCIM 2.0 (RFC 7643 and 7644): schemas, filters, changes. No Django here."""
