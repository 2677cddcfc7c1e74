"""Qt front end: shows and asks; computes nothing."""
