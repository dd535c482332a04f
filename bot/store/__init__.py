"""Tables, queries and migrations; SQLite and PostgreSQL alike. The only room that knows SQL."""
