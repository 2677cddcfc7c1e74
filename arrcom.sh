GPT=(
  # layers
  --num-layers 40   # forty
  --hidden-size 5120
  --num-attention-heads 40
  #--num-query-groups 8
  --seq-length 4096
)
TRAIN=(--micro-batch-size 1 --global-batch-size 512 --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 --bf16)
nohup torchrun --nproc_per_node=8 --nnodes=${WORLD_SIZE:-1} pretrain_gpt.py "${GPT[@]}" "${TRAIN[@]}" > log 2>&1 &
