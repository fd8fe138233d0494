"""The AI functions: one file each, found by its name."""
