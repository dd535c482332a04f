"""Listeners: parse the payload, call one function, ack, show a view. A file per surface."""
