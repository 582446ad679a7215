from workers.models.attempt import Attempt, AttemptKind
from workers.models.job import Job, JobState
from workers.models.worker_process import WorkerProcess

__all__ = ["Attempt", "AttemptKind", "Job", "JobState", "WorkerProcess"]
