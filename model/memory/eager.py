"""Peak *allocated* memory of one GPU where a model runs as its authors wrote it: Hugging Face, PEFT, TRL, torchtune, LitGPT.

No kernel is fused unless said so: norms compute in fp32, every product of the feed-forward block is kept, the loss copies
its logits. Weights, gradients and moments usually all have 2 bytes. Replicas either hold everything (DDP) or shard it
(FSDP, ZeRO-3); a model that an accelerator cannot hold is quantised (QLoRA) or sharded, never split by tensor or pipeline.

References
----------
transformers (``LlamaRMSNorm``, ``ForCausalLMLoss``), peft (``prepare_model_for_kbit_training``), accelerate
(``convert_outputs_to_fp32``), torch.optim (multi-tensor Adam), bitsandbytes (``dequantize_4bit``), torchtune
(``CEWithChunkedOutputLoss``); docs/method.md 3.6.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mitsumori.model.architecture.parallelism import Parallel
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.base.arrays import Condition, Num, pick, real, some
from mitsumori.model.memory.activations import FULL, SELECTIVE, element_bytes, mixer_saved
from mitsumori.model.memory.megatron import activations_away
from mitsumori.model.memory.options import MemoryOptions, Phase, StagePeak
from mitsumori.model.memory.states import ADAM8BIT, HUGGINGFACE, TORCHTUNE, LayerParameters, Stage

PLAIN_LOSS_BYTES: Final = 14.0
"""A logit: in 16 bits (2), as fp32 (4), log-softmax (4) and its gradient (4)."""
FUSED_LOSS_BYTES: Final = 8.0
"""A logit: in 16 bits (2), as fp32 (4), the gradient in place of the former (2)."""
CHUNKED_LOSS_BYTES: Final = 5.0
"""torchtune: all logits in 16 bits (2) and their gradient (2), an eighth of them at a time in fp32 with log-softmax (1)."""
CONVERTED_BYTES: Final = 4.0
"""accelerate with sharded weights returns outputs as fp32: a further copy of the logits."""
HIDDEN_STATES: Final = 3.0
"""Output states, their norm and its gradient beside the logits, elements of 2 bytes a token and hidden unit."""
TILE_TOKEN_BYTES: Final = 10.0
"""A loss over tiles that never holds all logits: gradient of the states, states and a tile's logits, bytes a token and unit."""
WORKSPACE_BYTES: Final = 64.0 * 2.0**20
"""Workspaces of the matrix products."""


class EagerStages:
    """What a batch shares, computed once; :meth:`of` describes the one stage.

    Permanent: states, the largest weight widened to 2 bytes where they are quantised, a second copy of the gradients in DDP's
    buckets. Beside each pass one gathered layer and the gathered tables where weights are sharded. With one micro-batch a
    step the gradients come as the saved tensors go: they never meet.

    Phases: loss ``A + logits x (14 plain, 8 fused, 5 chunked; 4 more where sharded) + 3 e h T``; backward pass of a layer
    ``A + whole layer + T (4 e f / 2 + 2 e h)``; optimizer: multi-tensor Adam makes a temporary as large as the trained
    weights (not in 8 bits, not when it runs in the backward pass).

    Saved tensors of a layer, bytes a token, e = 2: both norms in fp32 and 16 bits ``2 (4 + 2 e) h``, q, k, v and attention
    output ``e (2 a + 2 k) d``, log-sum-exp 4 a, and gate, up, activation and product ``4 e f`` (2 e f ungated); a MoE layer
    top-k times the experts' and the routed tokens. With full recomputation ``e h`` (4 h where norms are wide), and one layer
    whole at a time.
    """

    def __init__(self, arch: Architecture, parallel: Parallel, options: MemoryOptions, layer: LayerParameters) -> None:
        self.arch, self.parallel, self.options, self.layer = arch, parallel, options, layer
        self.states = options.states(arch, parallel, layer)
        e = self.e = element_bytes(parallel)
        h, a, d = real(arch.hidden), real(arch.heads), real(arch.head_dim)
        self.tokens = tokens = real(parallel.micro_batch) * parallel.seq_len / parallel.sequence_parts
        lora, sharded = options.trainable > 0, parallel.zero_stage >= 3
        hugging = parallel.stack == HUGGINGFACE
        wide = pick(options.wide_norms < 0, hugging & (options.trainable == 2), options.wide_norms != 0)
        scores = pick(options.fused_attention != 0, 4.0 * a, 2.0 * e * a * parallel.seq_len)
        attention = 2.0 * (4.0 + 2.0 * e) * h + e * (2.0 * a * arch.qk_dim + 2.0 * arch.kv_heads * d) + scores
        matrices = e * 2.0 * (1.0 + arch.gated_mlp)
        if some(arch.is_hybrid):
            attends, mixes, either, feeds = arch.shares
            norms = 2.0 * (4.0 + 2.0 * e) * h
            attention = 0.5 * (either + feeds) * norms + attends * (attention - norms) + mixes * mixer_saved(arch, e, e)
            matrices = feeds * matrices
        self.dense = attention + matrices * arch.ffn
        self.moe = some(arch.is_moe)
        width: Num = real(arch.ffn)
        self.routed = self.dense
        if self.moe:
            picked = arch.moe_topk * options.moe_imbalance
            block = picked * (2.0 * e * h + matrices * arch.moe_ffn) + matrices * arch.moe_shared_ffn
            self.routed = pick(arch.is_moe, attention + block + 8.0 * arch.moe_experts, self.dense)
            width = pick(arch.is_moe, np.maximum(width, picked * arch.moe_ffn + real(arch.moe_shared_ffn)), width)
        self.kept = pick(wide, 4.0, e) * h
        self.transient = tokens * (2.0 * e * width + 2.0 * e * h)
        asked = options.fused_loss
        chunked = pick(asked < 0, parallel.stack == TORCHTUNE, asked == 2)
        tiles = chunked & (parallel.stack != TORCHTUNE)
        of_logit = pick(chunked, CHUNKED_LOSS_BYTES, pick(asked == 1, FUSED_LOSS_BYTES, PLAIN_LOSS_BYTES))
        of_logit = pick(tiles, 0.0, of_logit) + pick(hugging & sharded, CONVERTED_BYTES, 0.0)
        trained_head = pick(lora, 0.0, e * h * arch.vocab)
        self.loss = tokens * (of_logit * arch.vocab + HIDDEN_STATES * e * h)
        self.loss = self.loss + pick(tiles, tokens * TILE_TOKEN_BYTES * h + trained_head, 0.0)
        self.table = h * real(arch.vocab)

    def _gathered(self, has_moe: Condition) -> Num:
        """One layer and the tables in full where weights are sharded; a quantised layer is small."""
        unit = pick(self.options.trainable == 2, 0.0, self.layer.attention + self.layer.feed_forward(has_moe))
        tables = self.table * pick(self.arch.tied_embeddings != 0, 1.0, 2.0)
        return pick(self.parallel.zero_stage >= 3, self.e * (unit + tables), 0.0)

    def _fixed(self, gradients: Num) -> Num:
        """Buffers that stay for the whole step."""
        parallel, options, e = self.parallel, self.options, self.e
        quantised = options.trainable == 2
        fixed = WORKSPACE_BYTES + options.extra_bytes
        widest = np.maximum(self.arch.hidden * real(self.arch.ffn), self.arch.hidden * real(self.arch.moe_ffn))
        fixed = fixed + pick(quantised, e * widest, 0.0)
        return fixed + pick((parallel.zero_stage < 1) & (parallel.dp > 1), gradients, 0.0)

    def of(self, stage: Stage) -> StagePeak:
        """States, buffers and phases of the one stage."""
        parallel, options = self.parallel, self.options
        has_moe = stage.moe_layers > 0
        states = self.states.of(stage)
        if some(options.optimizer_in_backward != 0):
            one = self.layer.attention + self.layer.feed_forward(has_moe)
            share = np.minimum(1.0, one / np.maximum(states.trained, 1.0))
            at_once = pick(options.optimizer_in_backward != 0, states.gradients * share, states.gradients)
            states = type(states)(
                states.weights, at_once, states.optimizer, states.parameters, states.trained, states.counts
            )
        one_layer = self.dense
        every = stage.dense_layers * self.dense
        if self.moe:
            every = every + stage.moe_layers * self.routed
            one_layer = pick(has_moe, np.maximum(self.routed, self.dense), self.dense)
        full = parallel.recompute == FULL
        some_of_it = parallel.recompute == SELECTIVE
        layers = stage.dense_layers + stage.moe_layers
        # Selective: every second product again, as torch's selective checkpointing has it: about half is kept.
        held = self.tokens * pick(full, layers * self.kept, every * pick(some_of_it, 0.5, 1.0))
        away = activations_away(parallel)
        if some(away):
            held = pick(away, np.minimum(held, 2.0 * self.tokens * pick(full, self.kept, one_layer)), held)
        again = pick(full | some_of_it, one_layer * self.tokens, 0.0)
        copies = (parallel.optimizer != ADAM8BIT) & (np.asarray(options.optimizer_in_backward) == 0)
        temporary = pick(copies, states.gradients, 0.0)
        gathered = self._gathered(has_moe)
        # Gradients of a single micro-batch take the place of the tensors that their layers let go.
        new_gradients = pick(parallel.micro_batches > 1, 0.0, states.gradients)
        during = np.maximum(held - new_gradients, 0.0) + again
        return StagePeak(
            stage=stage,
            states=states,
            fixed=self._fixed(states.gradients),
            phases=(
                Phase("layer_backward", during, self.transient + gathered),
                Phase("loss_backward", held, np.maximum(self.loss + gathered - new_gradients, 0.0)),
            ),
            step=Phase("optimizer", 0.0, temporary),
            counts_cache=False,
        )
