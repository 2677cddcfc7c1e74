"""How long does one training step take, and how many days the whole training?

One step, the stages (pre-training, fine-tuning, preference and reinforcement learning, data generation), failures and
checkpoints, days.
"""
