"""What is said of the columns of a table: one entry each, compared, taken over, written out and read in."""
