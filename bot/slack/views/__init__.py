"""What is shown: a file per screen, pure functions that return Slack's blocks."""
