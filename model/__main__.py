"""``python -m model``: the headless commands."""

import sys

from model.cli import main

sys.exit(main())
