"""The Live peer: an agent whose mind is a Live session (GPT-Live), wherever that runs."""
