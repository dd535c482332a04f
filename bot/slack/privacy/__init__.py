"""A person deletes what is stored about them."""
