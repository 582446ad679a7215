#!/usr/bin/env python
"""Django's command line. A wrong setting ends in a sentence, not in a stack trace."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "myproject.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError, ProgrammingError
    except ImportError:
        sys.exit("Django is not installed here. Run `make run` once, or: pip install -r requirements.txt")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration error: {error}")
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        from workers.management.database import sentence

        sys.exit(f"{sentence(error)} (--traceback shows where.)")


if __name__ == "__main__":
    main()
