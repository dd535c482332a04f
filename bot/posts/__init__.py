"""Drafts in PowerPost's post desk: made from pictures, at most once, and never published here."""
