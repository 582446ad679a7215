"""The operator's view: jobs and workers, to look at and to steer; no row is edited by hand."""

from workers.admin.jobs import JobAdmin
from workers.admin.processes import WorkerProcessAdmin

__all__ = ["JobAdmin", "WorkerProcessAdmin"]
