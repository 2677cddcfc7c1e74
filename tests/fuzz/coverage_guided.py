"""Coverage-guided fuzzing with atheris (optional): ``python -m tests.fuzz.coverage_guided project -runs=100000``.

atheris has no wheel for every Python, so it is no dependency of the tests; the seeded campaign of :mod:`tests.fuzz.run`
needs nothing. Here the way of a case through ``model/`` decides which inputs are kept (``tests/fuzz/corpus/<target>``, not
in the repository), and the same mutations of structure as in the seeded campaign are offered to the fuzzer.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

SLOWEST_S = 1.0


def main(arguments: list[str]) -> int:
    """Fuzz one target until libFuzzer's own options say stop."""
    try:
        import atheris  # type: ignore[import-not-found]
    except ImportError:
        sys.stderr.write("atheris is not installed; tests.fuzz.run needs nothing of the kind.\n")
        return 3
    name, options = arguments[0], arguments[1:]
    with atheris.instrument_imports(include=["model"]):
        from tests.fuzz import targets
        from tests.fuzz.mutate import damaged

        target = targets.TARGETS[name]
        for seed in target.seeds():  # what is imported only when it is needed is instrumented too
            targets.check(target, seed)
    warnings.simplefilter("error")

    def one(data: bytes) -> None:
        before = time.process_time()
        targets.check(target, data)
        if time.process_time() - before > 3 * SLOWEST_S:  # instrumented code is some three times slower
            raise targets.Broken(f"took {time.process_time() - before:.1f} s")

    def mutated(data: bytes, largest: int, seed: int) -> Any:
        chance = random.Random(seed)
        if chance.random() < 0.4:
            return atheris.Mutate(data, largest)
        return damaged(data or target.seeds()[0], target.kind, chance, largest)[:largest]

    corpus = Path(tempfile.gettempdir()) / "mitsumori-fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate(target.seeds()):
        (corpus / f"seed-{index}").write_bytes(seed)
    limits = [f"-max_len={target.largest}", "-rss_limit_mb=1000", "-timeout=20", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], str(corpus), *limits, *options], one, custom_mutator=mutated)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
