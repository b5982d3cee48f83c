"""Measures of how far allied states keep company, and the book made with them."""

from alliances.study import Study

__all__ = ["Study"]
