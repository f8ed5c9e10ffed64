"""Do the same to many things in a few threads, in order and in bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Future

Given = TypeVar("Given")
Made = TypeVar("Made")

_LOOK_UP = 0.2
"""Seconds between two looks at the stop event (and, on Windows, at Ctrl-C) while waiting for a result."""


def ordered_map(
    function: Callable[[Given], Made],
    items: Iterable[Given],
    *,
    threads: int,
    ahead: int = 4,
    stop: "threading.Event | None" = None,
) -> Generator[Made, None, None]:
    """Yield ``function(item)`` for each item, in order, computed in threads ahead of the reader.

    Parameters
    ----------
    function : callable
        Called in worker threads; what it raises is raised here when its turn comes.
    items : iterable
        May be endless; it is read in the reader's own thread.
    threads : int
        Worker threads, at least 1.
    ahead : int
        Items that each thread may be ahead of the reader.
    stop : threading.Event or None
        Once set, no further item is begun; the results of those already begun are still yielded.

    Yields
    ------
    object
        The results. Closing the generator waits for the calls under way and ends the threads.
    """
    from concurrent.futures import ThreadPoolExecutor, wait

    waiting: deque[Future[Made]] = deque()
    iterator = iter(items)
    executor = ThreadPoolExecutor(threads, thread_name_prefix="annotriage")
    try:
        while True:
            if stop is not None and stop.is_set():
                # The executor begins in order, so what was not begun is the end of the line.
                waiting = deque(future for future in waiting if not future.cancel())
            else:
                for item in islice(iterator, threads * ahead - len(waiting)):
                    waiting.append(executor.submit(function, item))
            if not waiting:
                return
            if wait([waiting[0]], timeout=_LOOK_UP).done:
                yield waiting.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def usable_cores() -> int:
    """Count the cores that this process may use, at least 1; a container may grant fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
