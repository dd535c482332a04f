"""Where the project is."""

from pathlib import Path
from typing import Final

import bot

ROOT: Final = Path(bot.__file__).parent.parent
