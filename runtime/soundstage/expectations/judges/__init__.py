"""One judge for each kind of expectation, and what they look into: the time line of a run."""
