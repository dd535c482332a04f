"""Reports of what was spent: their table, chart and file, and the service that sends them."""
