"""What can be asked for: models, sizes, the request and the grammar of the command. Pure."""
