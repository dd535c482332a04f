"""`/imagine` and what it is answered with."""
