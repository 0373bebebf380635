"""The server's end of a Live session."""
