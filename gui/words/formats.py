"""Other tools' configuration formats by the names they go by, in every language."""

from __future__ import annotations

FORMATS = {
    "huggingface": "Hugging Face config.json",
    "megatron": "Megatron-LM",
    "deepspeed": "DeepSpeed",
    "torchtitan": "torchtitan",
    "nemo": "NeMo / Megatron-Bridge",
}
"""By the key of :mod:`model.formats`."""
