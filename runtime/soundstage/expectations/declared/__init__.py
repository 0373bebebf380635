"""The tables of `[[expect]]`, what they mean, and what they say in words."""
