"""``python -m wirewatch.cli``, the same as ``wirewatch``."""

from wirewatch.cli import main

main()
