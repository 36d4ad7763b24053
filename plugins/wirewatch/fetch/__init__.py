"""The polite, guarded HTTP client and what belongs to it: URLs, robots.txt, rates, retries."""
