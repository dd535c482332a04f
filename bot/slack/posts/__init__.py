"""Use in post: the form, what the thread says of a draft, and its buttons."""
