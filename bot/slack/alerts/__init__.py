"""Alerts: a direct message to each admin."""
