"""Jobs off the GUI thread: stale results are dropped, cancel works, errors arrive."""

from __future__ import annotations

import threading

from mitsumori.gui.jobs import JobContext, JobRunner


def test_a_job_runs_off_the_gui_thread_and_delivers_on_it(qtbot) -> None:  # type: ignore[no-untyped-def]
    runner = JobRunner()
    seen: list[tuple[int, int]] = []
    runner.start(
        "work", lambda context: threading.get_ident(), lambda result: seen.append((result, threading.get_ident()))
    )
    qtbot.waitUntil(lambda: bool(seen), timeout=3000)
    worker, receiver = seen[0]
    assert worker != receiver == threading.get_ident()
    runner.shut_down()


def test_a_newer_job_of_the_same_key_drops_the_older_result(qtbot) -> None:  # type: ignore[no-untyped-def]
    runner = JobRunner()
    gate = threading.Event()
    results: list[str] = []

    def slow(context: JobContext) -> str:
        gate.wait(3)
        return "old"

    runner.start("search", slow, results.append)
    runner.start("search", lambda context: "new", results.append)
    gate.set()
    qtbot.waitUntil(lambda: not runner.busy("search"), timeout=3000)
    qtbot.wait(30)
    assert results == ["new"]
    runner.shut_down()


def test_cancel_reaches_the_job_and_nothing_is_delivered(qtbot) -> None:  # type: ignore[no-untyped-def]
    runner = JobRunner()
    started, stopped = threading.Event(), threading.Event()
    results: list[str] = []

    def work(context: JobContext) -> str:
        started.set()
        while not context.cancelled:
            stopped.wait(0.01)
        stopped.set()
        context.check()
        return "never"

    runner.start("sweep", work, results.append)
    assert started.wait(3)
    runner.cancel("sweep")
    assert stopped.wait(3)
    qtbot.wait(30)
    assert results == []
    assert not runner.busy("sweep")
    runner.shut_down()


def test_progress_and_errors_arrive(qtbot) -> None:  # type: ignore[no-untyped-def]
    runner = JobRunner()
    steps: list[float] = []
    errors: list[str] = []

    def work(context: JobContext) -> None:
        context.progress(0.5, "half")
        raise ValueError("broken on purpose")

    runner.start("job", work, lambda result: None, failed=lambda error: errors.append(str(error)),
                 progress=lambda share, note: steps.append(share))  # fmt: skip
    qtbot.waitUntil(lambda: bool(errors), timeout=3000)
    assert steps == [0.5]
    assert errors == ["broken on purpose"]
    runner.shut_down()


def test_shutting_down_waits_for_the_thread() -> None:
    runner = JobRunner()
    started = threading.Event()

    def work(context: JobContext) -> None:
        started.set()
        while not context.cancelled:
            threading.Event().wait(0.01)

    runner.start("endless", work, lambda result: None)
    assert started.wait(3)
    runner.shut_down()
    assert not runner.busy("endless")
