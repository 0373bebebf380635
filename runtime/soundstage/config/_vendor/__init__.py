"""Code of others that is changed and therefore kept here; see the README in each folder."""
