"""Everything Slack: the table of surfaces, listeners, views, words, pictures and posting."""
