"""What keeps an installation going for years: nothing grows for ever, and no disk fills unseen."""
