"""CSV files of any kind into typed columns, and tables into CSV that no spreadsheet runs."""
