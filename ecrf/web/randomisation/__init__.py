"""The pages of the randomisation: schemes, tables, a subject's allocation, unblinding."""
