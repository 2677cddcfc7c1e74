"""What the first picture needs of the core, imported before Qt.

PySide6 looks into the source of every module that is imported after it, to know whether it uses PySide. The core and what it
stands on (NumPy, pydantic) need not pay for that. The estimate itself is imported once the window is on the screen.
"""
