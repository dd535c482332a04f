"""The Home tab: what a person has and made, and every form with which something is set."""
