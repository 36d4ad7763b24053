"""The HTML pages: server-rendered, every state an address, usable without a script."""

from wirewatch.web.site.install import install

__all__ = ["install"]
