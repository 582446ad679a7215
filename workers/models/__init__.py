from workers.models.attempt import Attempt, AttemptKind
from workers.models.job import Job, JobState
from workers.models.queue_pause import QueuePause
from workers.models.tally import Tally
from workers.models.worker_process import WorkerProcess

__all__ = ["Attempt", "AttemptKind", "Job", "JobState", "QueuePause", "Tally", "WorkerProcess"]
