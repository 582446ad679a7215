"""What is written down, whatever a page shows: asked of the database itself."""

import psycopg

from tests.browser.person import Person
from tests.processes.harness import Site
from tests.waiting import wait_until

SENT = """
SELECT count(*) FROM invitations_invitation AS i JOIN auth_user AS u ON u.id = i.sender_id
JOIN workers_job AS j ON j.id = i.job_id
WHERE u.username = %s AND i.email = %s AND i.sent_at IS NOT NULL AND j.state = 'SUCCESSFUL'
"""


def wait_until_sent(site: Site, sender: Person, address: str) -> None:
    with psycopg.connect(site.database_url, autocommit=True) as connection:
        wait_until(
            lambda: connection.execute(SENT, [sender.name, address]).fetchone() == (1,), f"the mail to {address}", 20
        )
