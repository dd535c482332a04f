"""The form: what it holds, how it is read back from Slack, and what pressing its buttons does."""
