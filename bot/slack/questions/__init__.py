"""What is not sure is asked back before it is paid."""
