"""Imagine: the image maker that lives in Slack."""
