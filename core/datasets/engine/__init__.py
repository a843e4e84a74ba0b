"""Tables in encrypted Parquet, and CSV files into tables. No Django here."""
