swift sft --model Qwen/Qwen2.5-72B-Instruct --train_type lora --lora_rank 8 --per_device_train_batch_size 1 --gradient_accumulation_steps 16 --max_length 2048 --deepspeed zero3
