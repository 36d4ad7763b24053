"""What changed between two versions of a story's page, and whether it means anything.

Pure functions over titles and texts; nothing here reads a page or writes a document.
"""

from wirewatch.revisions.compare import Comparison, compare
from wirewatch.revisions.notes import Note, notes

__all__ = ["Comparison", "Note", "compare", "notes"]
