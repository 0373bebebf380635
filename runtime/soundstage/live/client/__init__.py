"""The client's end of a Live session."""
