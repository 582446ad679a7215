"""What the invitations shout reaches the log of the process, which is where the operator looks."""

import os
import subprocess
import sys

SHOUT = """
import django
django.setup()
from django.utils.timezone import localdate
from invitations.limits import _alert
_alert(localdate(), 50_000)
_alert(localdate(), 50_000)
"""


def test_the_ceiling_of_the_day_is_one_error_in_the_log(tmp_path):
    env = {name: value for name, value in os.environ.items() if name != "LOG_FORMAT"}
    env |= {"DJANGO_SETTINGS_MODULE": "myproject.settings", "DEBUG": "1", "VAR_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", SHOUT], env=env, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if " ERROR " in line]
    assert " ERROR invitations: The site's ceiling of 50000 invitations a day (INVITATIONS_PER_SITE)" in line
    assert "Look in the admin who invited so many, or raise it." in line
