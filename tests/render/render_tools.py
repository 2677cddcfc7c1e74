"""Render what opens over the window: ``python -m tests.render.render_tools OUT``. Look at them.

Menus, dialogs, the guide and the explanation of a figure, in both languages and both themes, each as a picture of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.render.render_screens import LANGUAGES, THEMES, settle

CONFIGURATION = b"""{"architectures": ["LlamaForCausalLM"], "hidden_size": 5120, "num_hidden_layers": 40, "vocab_size": 32000,
"num_attention_heads": 40, "num_key_value_heads": 8, "intermediate_size": 13824, "max_position_embeddings": 4096}"""

SCRIPT = b"""#SBATCH --nodes=16
#SBATCH --gpus-per-node=8
srun python pretrain_gpt.py --num-layers 94 --hidden-size 4096 --ffn-hidden-size 12288 --num-attention-heads 64 --kv-channels 128 \\
  --group-query-attention --num-query-groups 4 --swiglu --untie-embeddings-and-output-weights --disable-bias-linear \\
  --normalization RMSNorm --position-embedding-type rope --vocab-size 151936 --num-experts 128 --moe-router-topk 8 \\
  --moe-ffn-hidden-size 1536 --seq-length 4096 --micro-batch-size 1 --global-batch-size 1024 --train-iters 20000 --bf16 \\
  --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 --expert-model-parallel-size 16 --an-option-of-ours 3"""


def main() -> int:
    """Render; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="", help="render only files whose name contains this")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = folder
        count = render(arguments.out, arguments.only)
    print(f"{count} pictures in {arguments.out}")
    return 0


def render(out: Path, only: str) -> int:
    """Render everything that opens."""
    from PySide6.QtCore import QPoint

    from mitsumori.gui.app import create_application

    application = create_application()
    from mitsumori.gui.dialogs import explain as explain_popup
    from mitsumori.gui.dialogs import export, importing
    from mitsumori.gui.dialogs.calibrate import CalibrationDialog
    from mitsumori.gui.dialogs.catalogue import CatalogueDialog
    from mitsumori.gui.dialogs.proposal_settings import SettingsDialog
    from mitsumori.gui.theme.tokens import set_theme
    from mitsumori.gui.window import Window
    from mitsumori.gui.words.translation import set_language
    from mitsumori.model.plan.project import load_sample

    window = Window()
    window.resize(1280, 800)
    window.files.ask_leave = lambda: "discard"  # type: ignore[method-assign]
    sample = load_sample("llama3-70b-continual")
    window.open_project(sample)
    window.show()

    def quiet() -> None:
        settle(application, window)

    def catalogue(kind: str) -> None:
        dialog = CatalogueDialog(window)
        dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
        dialog.open()

    def explained(path: str) -> None:
        assert window.store.estimate is not None
        explain_popup.explain(window, path, window.store.plan, window.store.estimate, QPoint(100, 100))

    shows: dict[str, Callable[[], object]] = {
        "menu": window.action_set.pop_up,
        "export": lambda: export.start_export(window),
        "calibrate": lambda: CalibrationDialog(window).open(),
        "catalogue-servers": lambda: catalogue("servers"),
        "catalogue-accelerators": lambda: catalogue("accelerators"),
        "settings": lambda: SettingsDialog(window).open(),
        "difference": lambda: importing.take_text(window, CONFIGURATION, "config.json"),
        "difference-script": lambda: importing.take_text(window, SCRIPT, "pretrain.sh"),
        "guide": lambda: window.trigger("guide"),
        **{
            f"explain-{path.rpartition('.')[2]}": lambda path=path: explained(path)
            for path in (
                "memory.per_gpu.total_bytes",
                "training.days",
                "training.tokens_per_s_per_gpu",
                "facility.racks",
                "facility.utility_kva",
                "cost.break_even_month",
            )
        },
    }
    quiet()
    count = 0
    for language in LANGUAGES:
        for theme in THEMES:
            set_language(language)  # type: ignore[arg-type]
            set_theme(theme)  # type: ignore[arg-type]
            quiet()
            for name, show in shows.items():
                if only and only not in f"{name}-{language}-{theme}":
                    continue
                show()
                quiet()
                opened = [
                    widget for widget in application.topLevelWidgets() if widget.isVisible() and widget is not window
                ]
                if not opened:
                    print(f"{name}-{language}-{theme}: nothing opened", file=sys.stderr)
                for number, widget in enumerate(opened):
                    widget.grab().save(str(out / f"{name}-{language}-{theme}{f'-{number}' if number else ''}.png"))
                    widget.close()
                    count += 1
                quiet()
    window.jobs.shut_down()
    return count


if __name__ == "__main__":
    sys.exit(main())
