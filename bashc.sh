#!/bin/bash
#SBATCH --nodes=4 --ntasks-per-node=8 --gpus-per-task=1
export MASTER_ADDR=$(scontrol show hostnames $SLURM_JOB_NODELIST | head -n1)
srun bash -c "python -u pretrain_gpt.py --num-layers 40 --hidden-size 5120 --num-attention-heads 40 --seq-length 4096 --micro-batch-size 1 --global-batch-size 512 --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 --bf16 --train-iters 1000 --swiglu --ffn-hidden-size 13824 --disable-bias-linear --normalization RMSNorm --untie-embeddings-and-output-weights --position-embedding-type rope --vocab-size 32000 --make-vocab-size-divisible-by 1"
