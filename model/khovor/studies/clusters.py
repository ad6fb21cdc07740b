"""Clusters that are started for a study: on this machine, by SLURM, or on Kubernetes."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from khovor.errors import UsageError
from khovor.studies.forking import begin
from khovor.versions import KHOVOR
from khovor.workbook import nearest

INSTALL: Final = 'pip install "khovor[cluster]"'

SLURM: Final[Mapping[str, Any]] = {"cores": 1, "processes": 1, "memory": "8GB"}
"""What a worker asks of SLURM where Dask's own configuration (`jobqueue.slurm`) does not say."""


@contextmanager
def start(kind: str | None, jobs: int) -> Iterator[Any]:
    """A cluster of this kind with so many workers of one thread each (None: processes of this machine).

    Raises UsageError for a kind that is not known, not installed, or not to be had here.
    """
    cluster = _kind(kind)(jobs)
    try:
        yield cluster
    finally:
        cluster.close()


def _kind(kind: str | None) -> Callable[[int], Any]:
    if kind is None:
        return local
    if kind not in KINDS:
        near = nearest(kind, KINDS)
        hint = f"; did you mean {near}?" if near else ""
        raise UsageError(f"--cluster takes tcp://host:port, {' or '.join(KINDS)}, not '{kind}'{hint}")
    return KINDS[kind]


def local(jobs: int) -> Any:
    """Processes of this machine, each with its own memory: a crash takes down one of them only."""
    begin()
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=jobs,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,
        dashboard_address="127.0.0.1:0",  # none at all still takes port 8787, and warns where that is taken
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )


def slurm(jobs: int) -> Any:
    """Jobs of SLURM, as Dask's configuration of `jobqueue.slurm` asks for them."""
    import dask

    module = _installed("dask_jobqueue", "slurm")
    told = {k: v for k, v in dask.config.get("jobqueue.slurm", {}).items() if v is not None}
    cluster = module.SLURMCluster(**{k: v for k, v in SLURM.items() if k not in told})
    cluster.scale(jobs=jobs)
    return cluster


def kubernetes_spec(jobs: int) -> dict[str, Any]:
    """The resource that asks the Dask operator of a Kubernetes cluster for workers.

    `khovor.image` in Dask's configuration names an image that holds khovor; Dask's own image installs it on starting.
    """
    import dask

    module = _installed("dask_kubernetes.operator", "kubernetes")
    image = dask.config.get("khovor.image", None)
    how = {"image": image} if image else {"env": {"EXTRA_PIP_PACKAGES": f"khovor=={KHOVOR}"}}
    spec: dict[str, Any] = module.make_cluster_spec(name="khovor", n_workers=jobs, **how)
    return spec


def kubernetes(jobs: int) -> Any:
    """Pods of the Kubernetes cluster that the current context names, which must run the Dask operator."""
    spec = kubernetes_spec(jobs)
    module = _installed("dask_kubernetes.operator", "kubernetes")
    try:
        return module.KubeCluster(custom_cluster_spec=spec)
    except Exception as error:
        raise UsageError(f"No Kubernetes cluster with the Dask operator can be reached: {error}") from error


KINDS: Final[Mapping[str, Callable[[int], Any]]] = {"slurm": slurm, "kubernetes": kubernetes}


def _installed(module: str, kind: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(f"--cluster {kind} needs {module.split('.')[0]}: {INSTALL}") from error
