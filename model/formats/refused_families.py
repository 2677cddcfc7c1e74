"""Families of Hugging Face models with a part that a plan cannot say: refused by that part's name, never approximated."""

from __future__ import annotations

from typing import Final

_PARTS: Final = {
    "shared_block": ("zamba", "zamba2"),
    "rwkv": ("rwkv",),
    "mlstm": ("xlstm",),
    "depth_recurrence": ("hrm_text", "dory", "inkling2_loop_text", "inkling2_loop"),
    "convolved_attention": ("inkling_text", "inkling", "inkling2_text", "inkling2", "zaya"),
    "compressed_attention": ("deepseek_v4", "qwen4_exp_text", "qwen4_exp"),
    "attention_experts": ("jetmoe",),
    "zero_experts": ("longcat_flash",),
    "per_layer_embeddings": ("gemma3n_text", "gemma3n", "gemma4_text", "gemma4", "gemma4_assistant"),
    "heads_by_layer": (
        "gemma4_unified_text", "gemma4_unified", "gemma4_unified_assistant", "mimo_v2_flash", "dots3_note_text", "dots3_note",
    ),
    "bytes_in_patches": ("blt",),
    "depth_decoder": ("moshi", "csm"),
    "captioning": ("git",),
    "second_half": (
        "bart", "bigbird_pegasus", "blenderbot", "blenderbot-small", "marian", "mbart", "mvp", "pegasus", "plbart",
        "prophetnet", "trocr", "whisper", "musicgen", "musicgen_melody", "speech_to_text_2",
    ),
    "hashed_attention": ("reformer",),
}  # fmt: skip
REFUSED: Final = {kind: f"refused_{part}" for part, kinds in _PARTS.items() for kind in kinds}
"""``model_type`` -> the sentence of resources/messages/formats.toml that names its part and says what to give instead."""
