import gc
import threading

from statsmodels.stats.multitest import multipletests

from annotriage.desktop.statistics.calm_threads import calm


class Ring:
    """Something that only the search for garbage takes apart; it notes in which thread."""

    def __init__(self, taken_apart: list[threading.Thread]) -> None:
        self.taken_apart = taken_apart
        self.me = self

    def __del__(self) -> None:
        self.taken_apart.append(threading.current_thread())


def correct_in_a_thread() -> None:
    thread = threading.Thread(target=lambda: multipletests([0.01, 0.2], method="holm"))
    thread.start()
    thread.join()


def test_a_correction_in_a_thread_takes_nothing_apart_there() -> None:
    taken_apart: list[threading.Thread] = []
    Ring(taken_apart)
    before = gc.collect
    with calm():
        with calm():
            correct_in_a_thread()
        correct_in_a_thread()
        assert taken_apart == []
        gc.collect()
        assert taken_apart == [threading.main_thread()]
    assert gc.collect is before


def test_without_it_a_correction_does() -> None:
    taken_apart: list[threading.Thread] = []
    Ring(taken_apart)
    correct_in_a_thread()
    assert taken_apart and taken_apart[0] is not threading.main_thread()
