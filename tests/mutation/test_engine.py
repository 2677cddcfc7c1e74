"""The engine's short cuts change no verdict: mutants run by it and by a fresh interpreter on a mutated file agree."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.mutation.engine import ROOT
from tests.mutation.places import mutated, places

FILE, TEST = "model/base/rounding.py", "tests/model/test_rounding.py"
BY_ENGINE = """
import json
from tests.mutation.campaign import mutants_of
from tests.mutation.engine import outcomes
chosen = [mutant for mutant in mutants_of("{file}") if mutant.place.index in {chosen}]
found = outcomes(chosen, ("{test}",), (), jobs=2, seconds=600.0)
print(json.dumps({{mutant.place.index: outcome for mutant, outcome in found.items()}}))
"""


def by_a_fresh_interpreter(folder: Path, source: str) -> str:
    """Killed or survived, the slow way."""
    mutant = folder / "mitsumori" / FILE
    for path in (mutant, folder / TEST):
        path.parent.mkdir(parents=True, exist_ok=True)
    for parent in mutant.relative_to(folder).parents[:-1]:
        (folder / parent / "__init__.py").touch()
    for beside in (ROOT / FILE).parent.glob("*.py"):
        shutil.copy(beside, mutant.parent)
    mutant.write_text(source, encoding="utf-8")
    shutil.copy(ROOT / TEST, folder / TEST)
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:pytest-qt",
        "--rootdir",
        ".",
        TEST,
    ]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode in (0, 1, 2), done.stdout.decode()[-500:]
    return "killed" if done.returncode else "survived"


def test_verdicts_are_those_of_a_fresh_interpreter(tmp_path: Path) -> None:
    source = (ROOT / FILE).read_text(encoding="utf-8")
    whole = list(places(ast.parse(source)))
    # a third of those inside functions, and what only an import sees
    every = [place for i, place in enumerate(whole) if place.function is None or i % 3 == 0]
    script = BY_ENGINE.format(file=FILE, test=TEST, chosen={place.index for place in every})
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {int(index): outcome for index, outcome in json.loads(done.stdout.splitlines()[-1]).items()}
    assert sorted(found) == sorted(place.index for place in every)
    assert set(found.values()) == {"killed", "survived"}
    # the first of each kind of verdict and place (inside a function, or seen by an import)
    first = {(found[place.index], place.function is None): place for place in reversed(every)}
    assert len(first) >= 3
    for (outcome, _), place in first.items():
        tree, what = mutated(source, place.index)
        assert by_a_fresh_interpreter(tmp_path, ast.unparse(tree)) == outcome, what
