"""Many independent jobs on all cores, each result in a file of its own, so that an interrupted series continues."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from spatium._checks import whole_number
from spatium._files import atomic_file
from spatium.threads import get_num_threads, num_threads

__all__ = ["Folder", "Job", "Progress", "Result", "reporting", "run"]

Result: TypeAlias = dict[str, Any]
Folder: TypeAlias = str | os.PathLike[str] | None
Progress: TypeAlias = Callable[[int, int], object]


class Job(NamedTuple):
    """One call of a function; the name must say everything on which the result depends."""

    name: str
    arguments: tuple[Any, ...]


def run(
    function: Callable[..., Result],
    shared: Any,
    jobs: Sequence[Job],
    folder: Folder,
    workers: int | None,
    report: Progress,
) -> list[Result]:
    """Return ``function(shared, *job.arguments)`` of each job, plain values for JSON.

    Parameters
    ----------
    function
        A function of a module. What it needs of the user's ``__main__`` keeps a job in this process, because other
        processes cannot import that.
    shared
        What all calls have in common; each process gets it once.
    jobs
        A name that occurs twice is computed once.
    folder
        Where results are kept, one file per job. Results that are there are not computed again.
    workers
        The number of processes, by default that of Spatium's threads. Each computes on one thread. The results do not
        depend on it.
    report
        Called with the number of jobs that are done and of all.
    """
    workers = get_num_threads() if workers is None else whole_number("workers", workers)
    found: dict[str, Result] = {}
    kept = None if folder is None else _Kept(folder)
    for job in jobs:
        if kept is not None and (result := kept.read(job.name)) is not None:
            found[job.name] = result
    wanted = list({job.name: job for job in jobs if job.name not in found}.values())
    total = len({job.name for job in jobs})
    report(len(found), total)
    for name, result in _results(function, shared, wanted, workers):
        found[name] = result
        if kept is not None:
            kept.write(name, result)
        report(len(found), total)
    return [found[job.name] for job in jobs]


class _Kept:
    """A folder with a JSON file for each result."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"

    def read(self, name: str) -> Result | None:
        try:
            content = json.loads(self._path(name).read_text(encoding="utf-8"))
            result: Result = content["result"]
        except FileNotFoundError:
            return None
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self._path(name)} is not a result of the laboratory: {error}") from error
        return result

    def write(self, name: str, result: Result) -> None:
        with atomic_file(self._path(name)) as file:
            file.write(json.dumps({"job": name, "result": result}).encode())


def _results(
    function: Callable[..., Result], shared: Any, jobs: Sequence[Job], workers: int
) -> Iterator[tuple[str, Result]]:
    """Yield the names and results in the order in which they are ready."""
    begin = _pickled((function, shared))
    sent = [_pickled(job.arguments) if begin is not None else None for job in jobs]
    away = [(job, data) for job, data in zip(jobs, sent, strict=True) if data is not None]
    here = [job for job, data in zip(jobs, sent, strict=True) if data is None]
    if workers == 1 or len(away) <= 1:
        here, away = list(jobs), []
    with _Workers(begin or b"", away, min(workers, len(away))) as answers:
        with num_threads(1):
            for job in here:
                yield job.name, function(shared, *job.arguments)
        for _ in away:
            yield answers()


def _pickled(value: Any) -> bytes | None:
    """Return the pickle for another process; None if that process could not read it."""
    try:
        data = pickle.dumps(value)
    except Exception:  # objects raise whatever they like
        return None
    return None if b"__main__" in data else data


class _Workers:
    """A context with processes that compute jobs; it yields a function that waits for the next answer."""

    def __init__(self, begin: bytes, jobs: Sequence[tuple[Job, bytes]], count: int) -> None:
        self._begin, self._count = begin, count
        self._waiting: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        for job, data in jobs:
            self._waiting.put((job.name, data))
        self._ready: queue.SimpleQueue[tuple[str, bool, Any]] = queue.SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Callable[[], tuple[str, Result]]:
        single = {f"{name}_NUM_THREADS": "1" for name in ("SPATIUM", "OMP", "OPENBLAS", "MKL")}
        for _ in range(self._count):
            process = subprocess.Popen(
                [sys.executable, "-m", "spatium.lab.worker"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | single | {"PYTHONPATH": _search_path()},
            )  # fmt: skip
            self._processes.append(process)
            self._threads.append(threading.Thread(target=self._serve, args=(process,), daemon=True))
            self._threads[-1].start()
        return self._answer

    def _serve(self, process: subprocess.Popen[bytes]) -> None:
        """Give jobs to one process until none is left."""
        assert process.stdin is not None
        assert process.stdout is not None
        name = ""
        try:
            process.stdin.write(pickle.dumps(sys.path) + self._begin)
            while True:
                name, data = self._waiting.get_nowait()
                process.stdin.write(data)
                process.stdin.flush()
                self._ready.put((name, *pickle.load(process.stdout)))
        except queue.Empty:
            pass
        except Exception as error:  # the process has ended
            self._ready.put((name, False, f"a process of the laboratory ended: {type(error).__name__} {error}"))
        finally:
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _answer(self) -> tuple[str, Result]:
        name, succeeded, result = self._ready.get()
        if not succeeded:
            raise RuntimeError(f"{result} (in {name})")
        return name, result

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            for process in self._processes:
                process.kill()
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            assert process.stdout is not None
            process.stdout.close()
            process.wait()


def _search_path() -> str:
    """Return PYTHONPATH for a process that has to find this package before it gets the whole search path."""
    home = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))


@contextlib.contextmanager
def reporting(progress: Progress | bool | None) -> Iterator[Progress]:
    """Yield the given function, one that writes a line to a terminal, or one that does nothing."""
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise TypeError(f"progress is {progress!r}, expected a function, True, False or None")
    if callable(progress):
        yield progress
        return
    if progress is False or not (progress or (sys.stderr is not None and sys.stderr.isatty())):
        yield lambda done, total: None
        return

    def line(done: int, total: int) -> None:
        bar = "#" * (20 * done // max(total, 1))
        print(f"\r{done}/{total} networks [{bar:<20}]\x1b[K", end="", file=sys.stderr, flush=True)

    try:
        yield line
    finally:
        print(file=sys.stderr)
