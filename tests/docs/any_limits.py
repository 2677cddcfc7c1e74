"""Where ``Any`` may stand in ``model/`` and ``gui/``, by file, with the reason: ``python -m tests.docs.any_limits`` lists what stands.

A result, a record or an argument has a type. What is left is at the border: documents that JSON, TOML and YAML hold, libraries
without types, values that a path chosen at run time names. A file may have less than its number, never more; lower the number then.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def standing() -> dict[str, int]:
    """How often each module of the model and the window names ``Any`` in its code; imports and texts do not count."""
    found = {}
    for path in sorted(path for part in ("model", "gui") for path in (ROOT / part).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        number = sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree))
        if number:
            found[path.relative_to(ROOT).as_posix()] = number
    return found


ALLOWED: dict[str, dict[str, int]] = {
    "documents that JSON, TOML, YAML or another tool's file hold, told apart where they are read": {
        "model/base/dates.py": 2,
        "model/base/refusal.py": 2,
        "model/calibration/backtest.py": 3,
        "model/calibration/fit.py": 1,
        "model/calibration/fit_report.py": 1,
        "model/calibration/interval.py": 1,
        "model/calibration/run_layout.py": 3,
        "model/calibration/run_recipe.py": 3,
        "model/calibration/runs.py": 5,
        "model/calibration/serving_backtest.py": 3,
        "model/calibration/serving_fit.py": 1,
        "model/calibration/serving_runs.py": 3,
        "model/catalogue/accelerators.py": 1,
        "model/catalogue/catalogue.py": 3,
        "model/catalogue/listing.py": 1,
        "model/catalogue/packs.py": 4,
        "model/catalogue/user_files.py": 5,
        "model/cost/depreciation.py": 1,
        "model/cost/factors.py": 2,
        "model/cost/property_tax.py": 1,
        "model/formats/__init__.py": 3,
        "model/formats/choice.py": 1,
        "model/formats/core_arguments.py": 3,
        "model/formats/deepspeed.py": 4,
        "model/formats/experts.py": 3,
        "model/formats/families.py": 16,
        "model/formats/huggingface.py": 9,
        "model/formats/hybrids.py": 2,
        "model/formats/imported.py": 4,
        "model/formats/launchers.py": 1,
        "model/formats/load_tests.py": 2,
        "model/formats/megatron.py": 12,
        "model/formats/megatron_write.py": 4,
        "model/formats/nemo.py": 6,
        "model/formats/reading.py": 12,
        "model/formats/recipe_models.py": 3,
        "model/formats/recipe_options.py": 2,
        "model/formats/recipes.py": 12,
        "model/formats/rope.py": 1,
        "model/formats/shapes.py": 10,
        "model/formats/torchtitan.py": 2,
        "model/formats/towers.py": 1,
        "model/kernels/constants.py": 3,
        "model/plan/defaults.py": 2,
        "model/plan/project.py": 7,
        "model/serving/constants.py": 1,
        "model/serving/published.py": 2,
        "model/serving/setting.py": 1,
    },
    "answers of all kinds that wait in one queue, typed where they are asked for and where they are shown": {
        "gui/jobs.py": 1,
        "gui/saving.py": 2,
        "gui/services.py": 3,
    },
    "what Qt and pyqtgraph hand over without a type: events, settings, data of items, properties": {
        "gui/charts/base.py": 1,
        "gui/plot/zoom.py": 3,
        "gui/tables/cells.py": 1,
        "gui/tables/model.py": 1,
        "gui/theme/zoom.py": 1,
        "gui/widgets/list_popup.py": 1,
        "gui/widgets/segmented.py": 1,
    },
    "documents that commands and the API print, made of plain values": {
        "gui/tabs/calendar_view.py": 4,
        "model/api.py": 8,
        "model/commands/answers.py": 5,
        "model/commands/backtest.py": 1,
        "model/commands/calendar.py": 2,
        "model/commands/catalogue.py": 1,
        "model/commands/estimate.py": 1,
        "model/commands/import_file.py": 3,
        "model/facility/feeds.py": 1,
        "model/plan/calendar.py": 3,
        "model/report/json_document.py": 4,
        "model/report/serving_document.py": 2,
        "model/study/cluster_calendar.py": 1,
        "model/study/published.py": 4,
        "model/study/ranking.py": 2,
        "model/study/serving_ranking.py": 1,
        "model/study/training_table.py": 1,
    },
    "libraries without types: openpyxl's insides, python-pptx, dask, pyarrow; NumPy's element type": {
        "model/base/arrays.py": 2,
        "model/search/single.py": 1,
        "model/slides/charts.py": 13,
        "model/slides/own.py": 9,
        "model/slides/template.py": 4,
        "model/slides/write.py": 6,
        "model/study/grid.py": 15,
        "model/workbook/__init__.py": 1,
        "model/workbook/charts.py": 6,
        "model/workbook/read.py": 19,
        "model/workbook/write.py": 13,
    },
    "the value of a field or figure that a path names at run time": {
        "gui/changes.py": 2,
        "gui/charts/choice.py": 1,
        "gui/dialogs/catalogue.py": 5,
        "gui/inputs/row.py": 2,
        "gui/inputs/spec.py": 3,
        "gui/tabs/goal.py": 1,
        "gui/tabs/view.py": 1,
        "gui/words/plan.py": 1,
        "model/base/findings.py": 1,
        "model/estimate/checks.py": 1,
        "model/estimate/results.py": 1,
        "model/estimate/standards.py": 3,
        "model/plan/deadlines.py": 5,
        "model/plan/inputs.py": 14,
        "model/plan/more_servers.py": 1,
        "model/plan/part.py": 7,
        "model/plan/parts.py": 2,
        "model/plan/plan.py": 11,
        "model/plan/prices.py": 22,
        "model/plan/resolve.py": 2,
        "model/plan/software_items.py": 4,
        "model/study/revisions.py": 4,
    },
    "cells of a sheet and groups of figures by name, not given types yet": {
        "model/cost/prices.py": 1,
        "model/cost/sensitivity.py": 1,
        "model/workbook/sensitivity_slopes.py": 2,
    },
}
"""Reason -> file -> how often, at most."""

NEW_AT_THE_BORDER = 6
"""A new module that reads or writes another program's documents may have so many before it joins the list."""
BORDER = ("model/calibration/", "model/catalogue/", "model/commands/", "model/formats/", "model/plan/", "model/slides/")


def limit(path: str) -> int:
    """How often a file may name ``Any``."""
    listed = {name: number for files in ALLOWED.values() for name, number in files.items()}
    return listed.get(path, NEW_AT_THE_BORDER if path.startswith(BORDER) else 0)


if __name__ == "__main__":
    for name, number in standing().items():
        print(f"{number:4} {name}")
