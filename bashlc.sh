#!/bin/bash
#SBATCH -N4
#SBATCH --gres=gpu:8
ARGS=(--num-layers 40 --hidden-size 5120 --num-attention-heads 40 --seq-length 4096 --micro-batch-size 1 --global-batch-size 512 --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 --bf16 --train-iters 1000 --swiglu --ffn-hidden-size 13824 --disable-bias-linear --normalization RMSNorm --untie-embeddings-and-output-weights --position-embedding-type rope --vocab-size 32000 --make-vocab-size-divisible-by 1)
srun --container-image=x.sqsh bash -lc 'torchrun --nproc-per-node=8 --nnodes=$SLURM_NNODES pretrain_gpt.py '"${ARGS[*]}"
