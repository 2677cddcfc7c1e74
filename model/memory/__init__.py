"""Does it fit: how many bytes does the heaviest accelerator hold, and when?

Model states, saved activations, buffers and reserve for Megatron-like software and PyTorch FSDP, by pipeline stage and
phase of a step.
"""
