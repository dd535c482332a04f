"""A stand-in for Slack that acts toward one bot: Web API, events, commands, modals, files."""
