"""Which parallel layouts are possible, and which is the fastest that fits?"""
