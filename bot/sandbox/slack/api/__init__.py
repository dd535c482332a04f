"""The Web API methods, a file for each family, and their table in `table.py`."""
