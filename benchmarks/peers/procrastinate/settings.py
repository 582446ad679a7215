from benchmarks.peers.settings import *  # noqa: F403

INSTALLED_APPS = ["procrastinate.contrib.django"]
PROCRASTINATE_IMPORT_PATHS = ["benchmarks.peers.procrastinate.tasks"]
