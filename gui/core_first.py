"""The core, imported before Qt.

PySide6 looks into the source of every module that is imported after it, to know whether it uses PySide. That costs a
twentieth of the start when the core and what it stands on (NumPy, pydantic) come after Qt, and nothing when they come first.
"""

import model.estimate
import model.project
import model.table  # noqa: F401
