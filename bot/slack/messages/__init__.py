"""Messages to the bot, and what the channels do: events."""
