"""All words that a person reads, by where they are read. Nothing here decides anything.

Functions return plain text, or Slack's mrkdwn where their name says so.
"""
