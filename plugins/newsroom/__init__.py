"""The sample newsroom: invented outlets on loopback, which the demo and end-to-end tests read."""
