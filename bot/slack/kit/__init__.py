"""What every feature in Slack needs. It knows none of them."""
