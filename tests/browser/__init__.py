"""The sandbox in a real browser: each flow that a person has, looked at and photographed."""
