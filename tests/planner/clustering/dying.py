"""A child process that is killed before it can answer."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
