"""The sandbox's page: what a person would see in Slack, drawn in a browser on this computer."""
