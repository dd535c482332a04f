"""The stand-ins for Slack and PowerPost and the page between them: nothing leaves this computer."""
