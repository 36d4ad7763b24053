"""The sample newsroom: invented outlets on loopback, what the demo and the end-to-end tests read."""
