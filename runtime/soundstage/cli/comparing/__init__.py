"""Commands that compare two runs, or two batches of runs."""
