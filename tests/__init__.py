"""The tests, mirroring bot/."""
