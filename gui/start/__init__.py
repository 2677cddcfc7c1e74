"""The start page: three questions, samples with their results, recent files, a place to drop a file."""
