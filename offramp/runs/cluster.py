"""A Dask cluster as a place where chunks are simulated. Results are the same; only time differs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from typing import Any

from offramp.runs.work import Stopped
from offramp.version import __version__

SECONDS = 4.0  # to answer, and once more to show a worker: an address with a slip is told soon


@contextmanager
def connected(address: str, workers: int) -> Iterator[tuple[Executor, int]]:
    """An executor on the cluster's workers, and how many threads those have together. The address
    `local` starts so many worker processes on this machine, for as long as the run takes.

    A task whose worker dies is given to another one. Raises Stopped where the cluster does not
    answer, goes away, or has workers without this version of Offramp.
    """
    import dask
    import distributed

    library: Any = distributed  # its types are not complete
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # we say ourselves what happened
    with dask.config.set({"distributed.comm.timeouts.connect": SECONDS}):
        if address == "local":
            where = library.LocalCluster(
                workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        else:
            where = address
        try:
            client = library.Client(where, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise Stopped(
                f"no Dask scheduler answers at '{address}' ({type(error).__name__}): see that "
                "`dask scheduler` runs, and give the address that it prints, as in "
                "tcp://10.0.0.1:8786"
            ) from None
        executor = None
        try:
            _same_version(client)
            executor = client.get_executor(pure=False)
            yield executor, sum(client.nthreads().values())
        except library.KilledWorker as error:
            raise Stopped(
                f"a chunk of worlds lost its worker {error.allowed_failures + 1} times (perhaps "
                "memory ran out there)"
            ) from None
        except CancelledError:
            raise Stopped(f"the Dask scheduler at '{address}' went away") from None
        except ImportError as error:
            raise Stopped(f"a worker lacks something: {error}; {INSTALL}") from None
        finally:
            if executor is not None:
                executor.shutdown(wait=False)
            client.close()
            if address == "local":
                where.close()


INSTALL = f"install Offramp {__version__} on every worker"


def _same_version(client: Any) -> None:
    """Asks every worker for its Offramp. Sent as a text to evaluate, since a worker without
    Offramp could not read anything of ours."""
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        raise Stopped(
            "the Dask scheduler has no workers: start some with `dask worker ADDRESS`"
        ) from None
    found = client.run(eval, "__import__('offramp').__version__", on_error="return")
    for worker, version in sorted(found.items()):
        if isinstance(version, ImportError):
            raise Stopped(f"the worker {worker} has no Offramp: {INSTALL}")
        if version != __version__:
            raise Stopped(f"the worker {worker} has Offramp {version}: {INSTALL}")
