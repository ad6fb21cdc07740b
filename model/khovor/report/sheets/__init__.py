"""The sheets of results.xlsx, one function each; `results` is the table of contents."""
