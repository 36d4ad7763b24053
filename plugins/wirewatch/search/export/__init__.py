"""Taking stories away: every hit of a query, streamed, in a format of choice."""
