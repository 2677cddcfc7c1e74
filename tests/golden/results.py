"""Golden results of the samples: ``python -m tests.golden.results`` compares, ``--write`` keeps what is computed now.

The files hold every number, verdict and finding of the samples' estimates. A change of any figure is a change of a file,
which a person reviews in the commit's diff; the comparison says path, old value, new value and relative change.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from mitsumori.model.report.json_document import to_json

FOLDER = Path(__file__).parent
TOLERANCE = 1e-9
"""Relative; what the order of additions on another processor may change is some 1e-13."""


def computed(plan: Plan) -> dict[str, Any]:
    """The whole estimate of a plan as plain data; of findings what they are about, not their words."""
    document: dict[str, Any] = json.loads(json.dumps(to_json(estimate(plan), plan), allow_nan=False))
    for finding in document.get("findings", ()):
        finding.pop("message", None)
        if finding.get("remedy"):
            finding["remedy"].pop("label", None)
    return document


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Every leaf by its path."""
    if isinstance(value, dict) and value:
        return {k: v for key, part in value.items() for k, v in flat(part, f"{path}.{key}" if path else key).items()}
    if isinstance(value, list) and value:
        return {k: v for index, part in enumerate(value) for k, v in flat(part, f"{path}[{index}]").items()}
    return {path: value}


def differences(old: Any, new: Any) -> list[str]:
    """One readable line a difference beyond the tolerance."""
    before, after = flat(old), flat(new)
    lines = []
    for path in dict.fromkeys((*before, *after)):
        if path not in after:
            lines.append(f"{path}: was {before[path]!r}, is gone")
        elif path not in before:
            lines.append(f"{path}: is new, {after[path]!r}")
        else:
            a, b = before[path], after[path]
            if a == b and type(a) is type(b):
                continue
            if _number(a) and _number(b):
                if math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-12):
                    continue
                change = f" ({(b - a) / abs(a):+.3%})" if a else ""
                lines.append(f"{path}: {a!r} -> {b!r}{change}")
            else:
                lines.append(f"{path}: {a!r} -> {b!r}")
    return lines


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kept(name: str) -> Any:
    """The golden result of a sample."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    """Compare, or write."""
    changed = 0
    for name in sample_names():
        now = computed(load_sample(name).plan)
        path = FOLDER / f"{name}.json"
        lines = differences(kept(name), now) if path.exists() else [f"{path.name} is new"]
        changed += bool(lines)
        sys.stdout.write("".join(f"{name}: {line}\n" for line in lines))
        if "--write" in arguments and lines:
            path.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if changed and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
