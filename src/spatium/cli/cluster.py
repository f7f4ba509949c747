"""`spatium infer` on a dask cluster: tasks write their rows in place, and return what these add up to.

A task has no other effect, and writes the same bytes whenever it runs. So a task that runs again because its worker was
lost neither loses nor doubles anything.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from spatium.cli.jobs import Job, Totals
from spatium.cli.stream import place_writer, read_ahead, write_behind

__all__ = ["compute_on_cluster"]

# A task of this many rows takes much longer than its administration, which is about a millisecond.
ROWS_PER_TASK = 1 << 16
TASKS_PER_THREAD = 4
SECONDS_TO_CONNECT = 10


def compute_on_cluster(
    address: str, job: Job, output: Path | None, start: int, stop: int, advance: Callable[[int], None]
) -> Totals:
    """Compute rows on the cluster whose scheduler has this address; return their totals.

    Parameters
    ----------
    address : str
        Such as tcp://10.0.0.1:8786.
    job : Job
        Its files have absolute paths, which all workers can access.
    output : Path or None
        An existing ``.npy`` file for the results of all rows of the input.
    start, stop : int
        The rows to compute.
    advance : callable
        Is called with the number of rows of each completed task.

    Raises
    ------
    OSError
        If there is no scheduler at the address, or a worker cannot access a file.
    ValueError
        If a row is not accepted, or workers are lost again and again.
    """
    with _connected(address) as (client, as_completed, lost):
        reader = job.open()
        totals = job.nothing(reader)
        per_task = _rows_per_task(job.batch, stop - start, sum(client.nthreads().values()))
        # Shares begin at multiples of the batch, so that batches, and therefore bits, are those of a single process.
        borders = [start, *range((start // per_task + 1) * per_task, stop, per_task), stop]
        # The job is the result of a task, which the scheduler can repeat; scattered data would be lost with a worker.
        sent = client.submit(_same, job, pure=False)
        shares = [(begin, end) for begin, end in itertools.pairwise(borders) if begin < end]
        tasks = {client.submit(_compute_share, sent, output, *share, pure=False): share for share in shares}
        try:
            for task in as_completed(tasks, loop=client.loop):
                totals += task.result()
                advance(tasks[task][1] - tasks[task][0])
                task.release()
        except lost as error:
            raise ValueError(f"the cluster lost the workers of a task several times: {error}") from error
        finally:
            client.cancel(list(tasks))
    return totals


@contextlib.contextmanager
def _connected(address: str) -> Iterator[tuple[Any, Any, type[Exception]]]:
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("dask", "distributed"):
            raise
        raise ValueError('--scheduler needs dask (extra "dask"): python -m pip install dask distributed') from error
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"there is no dask scheduler at {address}: {error}") from error
    with client:
        if not client.nthreads():
            raise ValueError(f"the cluster at {address} has no workers")
        yield client, as_completed, KilledWorker


def _rows_per_task(batch: int, n_rows: int, n_threads: int) -> int:
    """Return a multiple of the batch: at most about 65,536 rows, and so few that each thread gets several tasks."""
    wanted = min(ROWS_PER_TASK, math.ceil(n_rows / (TASKS_PER_THREAD * max(n_threads, 1))))
    return batch * max(1, wanted // batch)


def _same(job: Job) -> Job:
    return job


def _compute_share(job: Job, output: Path | None, start: int, stop: int) -> Totals:
    """Compute rows on a worker, and write them to their place in the file."""
    try:
        reader = job.open()
        with contextlib.ExitStack() as stack:
            write = None
            if output is not None:
                place = stack.enter_context(place_writer(output, start, stop - start))
                write = stack.enter_context(write_behind(place))
            batches = stack.enter_context(contextlib.closing(read_ahead(reader, job.batch, start, stop)))
            return job.compute(reader, batches, write, lambda _: None)
    except OSError as error:
        where = f"{error.strerror} on the worker {socket.gethostname()}"
        raise OSError(error.errno, where, error.filename) from error
