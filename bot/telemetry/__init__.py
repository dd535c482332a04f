"""Logs, metrics, traces, and what is observed."""
