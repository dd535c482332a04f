"""The thread: buttons under a result, replies in words, and what has become of earlier ones."""
