#!/bin/bash
#PBS -q rt_HF
#PBS -l select=16
#PBS -l walltime=24:00:00
source /etc/profile.d/modules.sh
NUM_NODES=$(wc -l < $PBS_NODEFILE)
NUM_GPUS=$((NUM_NODES * 8))
mpirun -np $NUM_GPUS --npernode 8 -x MASTER_ADDR python pretrain_gpt.py --num-layers 40 --hidden-size 5120 --num-attention-heads 40 --seq-length 4096 --micro-batch-size 1 --global-batch-size 512 --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 --bf16 --train-iters 1000 --swiglu --ffn-hidden-size 13824 --disable-bias-linear --normalization RMSNorm --untie-embeddings-and-output-weights --position-embedding-type rope --vocab-size 32000 --make-vocab-size-divisible-by 1
