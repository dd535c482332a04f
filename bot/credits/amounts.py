"""How an amount of credits is written, everywhere. Pure."""

from __future__ import annotations


def amount(credits_: float) -> str:
    """`1,234,567`, `0.5`: every digit that counts, whole thousands apart; never an exponent."""
    text = f"{round(credits_, 6) + 0.0:,.6f}"
    return text.rstrip("0").rstrip(".")
