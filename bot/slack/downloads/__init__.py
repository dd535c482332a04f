"""Taking pictures out of Slack: a ZIP with the originals, the marked files and a list."""
