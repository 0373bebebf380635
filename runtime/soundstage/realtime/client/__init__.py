"""The client's end of a Realtime session, with no I/O and no clock."""
