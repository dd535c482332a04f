"""A stand-in that acts like PowerPost: its image API with credits, faults and drawn pictures."""
