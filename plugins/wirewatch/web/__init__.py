"""The API and the pages, as one FastAPI app; what they show comes from ``search`` and ``store``."""
