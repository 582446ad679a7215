"""What the tests of the admin share: rows to look at, and people who look."""

from uuid import UUID

from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from tests import tasks
from workers.models import Job, JobState, WorkerProcess

JOBS = reverse("admin:workers_job_changelist")
WORKERS = reverse("admin:workers_workerprocess_changelist")


def job_page(job_id: object) -> str:
    return reverse("admin:workers_job_change", args=[job_id])


def enqueue(task=tasks.echo, *args, **kwargs) -> UUID:
    return UUID(task.enqueue(*args, **kwargs).id)


def in_state(state: JobState, task=tasks.echo) -> UUID:
    job_id = enqueue(task)
    Job.objects.filter(id=job_id).update(state=state, finished_at=Now() if state.is_finished else None)
    return job_id


def state_of(job_id: UUID) -> str:
    return Job.objects.get(id=job_id).state


def a_worker(worker_id="host-1-abcd", **fields) -> WorkerProcess:
    given = {"backend": "default", "hostname": "host", "pid": 1, "queues": ["default"], "concurrency": 4}
    return WorkerProcess.objects.create(id=worker_id, **given | fields)


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("ada", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions, content_type__app_label="workers"))
    client = Client()
    client.force_login(user)
    return client


def steer(client: Client, action: str, *ids: UUID, **extra):
    return client.post(JOBS, {"action": action, "index": 0, "_selected_action": list(map(str, ids))} | extra)


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]
