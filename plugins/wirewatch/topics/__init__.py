"""What a story is about: IPTC Media Topics, by rules that an editor can read and change."""
