"""Fixtures that every room's tests share."""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything loads Qt
os.environ.setdefault("PYTEST_QT_API", "pyside6")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything loads torch: there is a worker for each processor

MOST_PROCESSES = 4
"""Each takes up to 3 GB."""

try:
    import PySide6.QtWidgets  # noqa: F401
except ImportError as error:
    # pytest-qt would end the whole run here; so the pyproject.toml keeps it out, and only what needs it is skipped.
    QT_PROBLEM: str | None = f"Qt cannot be loaded on this machine ({error})"
    if os.environ.get("CI"):
        raise
else:
    QT_PROBLEM = None
    pytest_plugins = ["pytestqt.plugin"]

# Of one commit CI gives one verdict, on however slow a machine; developers' runs go on searching for new examples.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run all tests in a process for each processor, where pytest-xdist is installed; ``-n 0``: in this one.

    Tests that are named run in this one anyway: there they begin at once, and can be debugged.
    """
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    told = getattr(config.option, "numprocesses", 0)
    if everything and told is None and "PYTEST_XDIST_WORKER" not in os.environ:
        config.option.numprocesses, config.option.maxprocesses = "logical", MOST_PROCESSES
        config.option.dist = "worksteal"  # a part of the files for each, and whoever is done takes of the rest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files of slow tests alone where only the quick half is wanted: most of them take seconds to load torch."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return "\npytestmark = pytest.mark.slow\n" in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_finish() -> None:
    """Keep what was collected out of the garbage collector's sight, which would walk through it all the time."""
    gc.collect()
    gc.freeze()


SLOW_SECONDS = 1.5
"""What takes longer belongs to the slow half."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that took long and are not marked as slow; none fails for it, as machines differ."""
    took: dict[str, float] = {}
    for report in (each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, [])):
        if isinstance(report, pytest.TestReport) and report.when == "call" and "slow" not in report.keywords:
            took[report.nodeid] = report.duration
    long = sorted((seconds, name) for name, seconds in took.items() if seconds > SLOW_SECONDS)[::-1]
    if long:
        named = "; ".join(f"{name} {seconds:.1f} s" for seconds, name in long[:3])
        terminalreporter.write_line(f"{len(long)} over {SLOW_SECONDS} s and not marked slow: {named}")


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Spell out what is no Unicode in logs and failures, as names of files can be: no worker can send it."""
    return _unicode((yield))


def _unicode(told: Any) -> Any:
    if isinstance(told, str):
        return told.encode("utf-8", "backslashreplace").decode()
    if isinstance(told, dict):
        return {key: _unicode(value) for key, value in told.items()}
    return type(told)(map(_unicode, told)) if isinstance(told, list | tuple) else told


class _WithoutQt(pytest.Collector):
    """The window's tests where there is no Qt: one skip, with the reason. Not even their conftest can be loaded."""

    def collect(self) -> NoReturn:
        pytest.skip(QT_PROBLEM or "")


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Skip what needs Qt where it cannot be loaded."""
    if QT_PROBLEM is not None and path == Path(__file__).parent / "desktop":
        return _WithoutQt.from_parent(parent, name="desktop")
    return None


@pytest.fixture
def qt() -> None:
    """Skip a test of the window in a process of its own where Qt cannot be loaded."""
    if QT_PROBLEM is not None:
        pytest.skip(QT_PROBLEM)


SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data beside the checkout; skip without it, except in CI."""
    return _there(SHARED_DATA, "isic/metrics.csv", "the real data are")


@pytest.fixture(scope="session")
def peer_samples() -> Path:
    """Return the folder of samples of annotation tools' exports; skip without it, except in CI."""
    return _there(SHARED_DATA.parent / "peer_samples", "README.md", "the samples of annotation tools are")


def _there(folder: Path, file: str, what: str) -> Path:
    if not (folder / file).is_file():
        reason = f"{what} not at {folder}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a user folder of its own, so that no test sees the developer's models, sessions, thumbnails."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    yield home


@pytest.fixture(autouse=True)
def _pictures_apart(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no two pictures be nearly the same, but in tests that are marked ``copies``.

    Most pictures of tests differ in brightness alone, which makes them one picture to whoever looks for copies.
    """
    if request.node.get_closest_marker("copies") is None:
        monkeypatch.setattr("annotriage.images.likeness.NEAR", -1.0)
