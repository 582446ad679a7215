"""What the tests of the admin share: rows to look at, and people who look."""

import re
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
QUEUES = reverse("admin:workers_queuepause_changelist")


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


def choose(client: Client, action: str, *ids: UUID, **extra):
    """Choose jobs on the list and an action for them; the answer is the page that asks whether one is sure."""
    return client.post(JOBS, {"action": action, "index": 0, "_selected_action": list(map(str, ids))} | extra)


def steer(client: Client, action: str, *ids: UUID, **extra):
    """Choose, and confirm where that is asked for, with the page's own form."""
    response = choose(client, action, *ids, **extra)
    is_asked = response.context is not None and "survey" in response.context
    return client.post(JOBS, form_of(response)) if is_asked else response


def form_of(response) -> dict[str, str]:
    """What the confirmation page's form would send."""
    form = response.text.partition('<form method="post" class="steering">')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    assert "<button" in form, "the page offers to go on"
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]
