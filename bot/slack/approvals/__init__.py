"""Approvals: asking for what is over budget, the cards, and telling what was decided."""
