"""Files as they lie about in public, drawn at random, through the import: no crash, and the processor time of each.

``python -m tests.fuzz.public_files [FILES] [SEED]`` prints one JSON document. Scripts and configurations are those of
:mod:`tests.model.shells`, settings of other trainers and the published ``config.json`` of the fixtures; half of them are damaged
as files are in public: lines lost, doubled, exchanged or cut, other line ends and encodings.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import read_configuration
from mitsumori.model.plan.plan import Plan
from tests.model import test_formats_recipes, test_formats_scripts
from tests.model.shells import FRAMES, SPELLED, WAYS, Drawn, script_of

FIXTURES = Path(__file__).parents[1] / "model" / "fixtures" / "formats"
NOISE = ("header", "old", "echo", "tee", "sweep")


def drawn_model(dice: random.Random) -> Drawn:
    heads, size, layers = dice.choice([8, 16, 32, 64]), dice.choice([64, 128]), dice.randint(2, 100)
    experts = dice.choice([0, 0, 8, 128])
    return Drawn(
        layers, heads * size, heads, dice.choice([1, 8, heads]), size, 64 * dice.randint(8, 400), 128 * dice.randint(50, 2000),
        dice.random() < 0.7, dice.random() < 0.3,
        *((experts, dice.randint(1, 8), 64 * dice.randint(4, 60), dice.choice([0, 512]), dice.randint(0, 1)) if experts else ()),
    )  # fmt: skip


def configuration(dice: random.Random) -> str:
    """``config.json`` with other sizes and spellings than the published one it began as."""
    data = json.loads(dice.choice(sorted(FIXTURES.glob("*.json"))).read_text(encoding="utf-8"))
    model = drawn_model(dice)
    for field, names in SPELLED.items():
        if dice.random() < 0.5:
            data[dice.choice(names)] = getattr(model, field)
    if dice.random() < 0.2:
        data = {"model_type": "somevl", "text_config": data, "vision_config": {"depth": 12, "hidden_size": 768}}
    return json.dumps(data, indent=dice.choice([None, 2, 4]))


def damaged(text: str, dice: random.Random) -> bytes:
    """A text as it may arrive: lines lost, doubled, exchanged; cut; other line ends; another encoding."""
    lines = text.split("\n")
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines))
        way = dice.choice(["lose", "double", "exchange", "cut", "append", "none"])
        if way == "lose" and len(lines) > 1:
            del lines[at]
        elif way == "double":
            lines.insert(at, lines[at])
        elif way == "exchange":
            other = dice.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif way == "cut":
            lines[at] = lines[at][: dice.randint(0, len(lines[at]))]
        elif way == "append":
            lines[at] += dice.choice([" \\", " # 注釈", " $UNSET", " `date`", ' "', " }", " <<EOF"])
    joined = dice.choice(["\n", "\n", "\r\n"]).join(lines)
    return joined.encode(dice.choice(["utf-8", "utf-8", "utf-8-sig", "cp932"]), "replace")


def files(number: int, seed: int) -> Iterator[bytes]:
    """So many files, the same for the same seed."""
    dice = random.Random(seed)
    kept = [row[1] for row in (*test_formats_recipes.READ, *test_formats_scripts.READ)]
    for _ in range(number):
        kind = dice.random()
        if kind < 0.45:
            ways = tuple(dice.sample(WAYS, dice.randint(1, 4)))
            noise = frozenset(dice.sample(NOISE, dice.randint(0, 3)))
            text = script_of(drawn_model(dice), dice, ways, dice.choice(FRAMES), noise)
        elif kind < 0.75:
            text = configuration(dice)
        else:
            text = dice.choice(kept)
        yield damaged(text, dice) if dice.random() < 0.5 else text.encode()


def measured(number: int, seed: int) -> dict[str, object]:
    """Read every file; anything but a refusal in one sentence is raised."""
    catalogue, plan = Catalogue.shipped(), Plan()
    outcomes: Counter[str] = Counter()
    times = []
    for data in files(number, seed):
        begun = time.process_time()
        try:
            found = read_configuration(data, "file", catalogue)
            found.report(plan, "ja", catalogue)
            outcomes[found.format] += 1
        except Refusal as refusal:
            sentence = refusal.text("ja")
            if not sentence or "\n" in sentence.strip():
                raise AssertionError(f"not one sentence: {sentence!r}") from None
            outcomes["refused"] += 1
        times.append(time.process_time() - begun)
    return {"files": number, "seed": seed, "slowest_s": round(max(times), 3), "median_s": round(sorted(times)[number // 2], 4),
            "outcomes": dict(outcomes.most_common())}  # fmt: skip


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:3]]
    sys.stdout.write(
        json.dumps(measured(arguments[0] if arguments else 1000, arguments[1] if len(arguments) > 1 else 1)) + "\n"
    )
