"""The forms of the Home tab, one module each. Pure."""
