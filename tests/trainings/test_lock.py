from pathlib import Path

from annotriage.trainings.lock import TrainingLock


def test_one_at_a_time_works_on_a_training(tmp_path: Path) -> None:
    one, other = TrainingLock(tmp_path), TrainingLock(tmp_path)
    assert one.acquire()
    assert not other.acquire() and not one.acquire()
    other.release()  # has nothing
    assert not other.acquire()
    one.release()
    assert other.acquire()
    other.release()


def test_a_training_that_is_gone_cannot_be_worked_on(tmp_path: Path) -> None:
    lock = TrainingLock(tmp_path / "gone")
    assert not lock.acquire()
    assert not (tmp_path / "gone").exists()


def test_what_an_older_program_or_a_crash_left_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "training.lock").write_text("4194303\nannotriage\nelsewhere\n")
    lock = TrainingLock(tmp_path)
    assert lock.acquire()
    lock.release()
