"""`/imagine history`: a person's own generations."""
