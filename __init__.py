"""Mitsumori (見積もり): plan the training and serving of large language models."""
