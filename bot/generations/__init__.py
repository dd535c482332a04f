"""The life of a generation: what is promised, in which order, and what becomes of it."""
