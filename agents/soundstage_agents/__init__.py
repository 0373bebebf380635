"""The cast: the kinds of agents that scenario files name."""
