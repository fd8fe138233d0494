"""A child process that never answers, and does not see its parent go."""

import signal

signal.pause()
