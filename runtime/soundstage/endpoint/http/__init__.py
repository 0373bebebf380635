"""The endpoint over HTTP: routes, keys, request bodies, error bodies.

It needs FastAPI, so its modules are loaded with the server only.
"""
