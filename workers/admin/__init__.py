"""The operator's view: jobs, queues and workers, to look at and to steer; no row is edited by hand."""

from workers.admin.jobs import JobAdmin
from workers.admin.processes import WorkerProcessAdmin
from workers.admin.queues import QueueAdmin

__all__ = ["JobAdmin", "QueueAdmin", "WorkerProcessAdmin"]
