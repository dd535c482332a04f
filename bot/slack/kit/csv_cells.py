"""Cells of a CSV file that no spreadsheet works out. Pure."""

from __future__ import annotations

import re
from typing import Final

from bot.slack.kit.text import clean_line

# What begins so is a formula to Excel, Sheets and Calc, and people choose their own names. They may
# begin behind spaces, and where a program takes another sign for the separator, behind that; signs
# of full width, and small ones, are the same to some.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = re.compile(r"""(?<![^\s,;:|"'])(?=[=+\-@＝＋－＠﹦﹢﹣﹫⁺⁻⁼₊₋₌−])""")


def defend_cell(cell: str) -> str:
    """One line of text, none of which any program works out."""
    return _FORMULA.sub("'", clean_line(cell))
