"""Finding, counting and taking away stories.

A query's way: ``lexer`` → ``language`` (a ``tree``) → ``dsl`` → ``search`` → ``results``.
"""
