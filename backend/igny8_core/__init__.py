"""IGNY8: from a keyword export to finished articles with pictures."""
