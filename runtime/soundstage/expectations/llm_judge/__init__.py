"""A language model that judges a run by its transcript, and what its judgement is worth."""
