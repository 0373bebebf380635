"""What engines give, looked at before it is used."""
