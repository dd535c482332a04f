"""Briefs: several pictures of one promise, from the first message to the last line."""
