"""Picks: a vote on pictures, from its message to the picture that was chosen."""
