"""How the process of a command begins and ends: without what no command needs."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import sys
import threading
import time
from typing import NoReturn

#: Python looks for garbage after every 700 new objects; a start makes some 100,000 that all stay.
_OBJECTS_OF_A_COMMAND = 500_000
#: What stays looks less often than Python's 700, which costs a fifth of what a key does to the screen.
_OBJECTS_OF_A_STAY = 50_000
#: In the environment of an app that a browser shows: the process of its server.
SERVED_BY = "PLANNER_SERVED_BY"
#: How often such an app looks whether its server is there. [s]
_WATCH_S = 2.0


def begin_lightly() -> None:
    """Leave out what no command needs; what the user has set in the environment is kept."""
    # a thread per core for linear algebra, of which estimates have none
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # a search of all installed packages for plugins, which shall have no say in what a plan means
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(_OBJECTS_OF_A_COMMAND)


def keep_streams_apart() -> None:
    """Take the places of streams that were closed before the program began, so that no file gets one."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # the lowest free number, which is this one
            os.open(os.devnull, os.O_RDWR)


def stay() -> None:
    """Collect garbage from now on, but for what was made until now, which is none."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_OF_A_STAY)


def is_served() -> bool:
    """Return whether a browser shows this process' app, by `planner serve`."""
    return SERVED_BY in os.environ


def end_with_server() -> None:
    """Hang up once the server has gone that this process' app is shown by, however it went."""
    server = os.environ[SERVED_BY]

    def watch() -> None:
        while str(os.getppid()) == server:
            time.sleep(_WATCH_S)
        os.kill(os.getpid(), signal.SIGHUP)

    threading.Thread(target=watch, name="server", daemon=True).start()


def end(code: int) -> NoReturn:
    """End the process without taking its modules apart first, which takes as long as loading some."""
    others = (thread for thread in threading.enumerate() if thread is not threading.current_thread())
    if not all(thread.daemon for thread in others):
        # somebody's work is not done
        sys.exit(code)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)
