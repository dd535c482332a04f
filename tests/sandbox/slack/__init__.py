"""Tests of the stand-in for Slack, spoken to over HTTP."""
