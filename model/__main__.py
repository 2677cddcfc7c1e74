"""``python -m mitsumori.model``: the headless commands."""

import sys

from mitsumori.model.cli import main

sys.exit(main())
