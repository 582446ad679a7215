"""Every statement that changes a job's state lives in this package, and nowhere else.

All of them are fenced or conditional, and each returns what it really changed, so that two workers, a worker and an
operator, or a worker and its own ghost can never both believe that they ended a job.
"""
