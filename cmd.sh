GPUS_PER_NODE=8
NNODES=4
DISTRIBUTED_ARGS="
    --nproc_per_node $GPUS_PER_NODE \
    --nnodes $NNODES
"
LAUNCHER="python -m torch.distributed.run $DISTRIBUTED_ARGS"
CMD="pretrain_gpt.py --num-layers 40 --hidden-size 5120 --num-attention-heads 40 --seq-length 4096 --micro-batch-size 1 --global-batch-size 512 --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 --bf16 --train-iters 1000 --swiglu --ffn-hidden-size 13824 --disable-bias-linear --normalization RMSNorm --untie-embeddings-and-output-weights --position-embedding-type rope --vocab-size 32000 --make-vocab-size-divisible-by 1"
$LAUNCHER $CMD
