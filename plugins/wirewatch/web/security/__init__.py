"""Who may ask for what: keys, sessions, and what every answer forbids the browser."""
