"""Reports of what was spent: their table, chart and file, and the desk that sends them."""
