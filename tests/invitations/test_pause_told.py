"""While the queue is paused, whoever waits for mails is told so."""

from invitations import live
from invitations.shut_out import QUEUE, pause_sending
from workers import steering


def test_inviter_and_operator_are_told_since_when_and_the_operator_why(client, admin_client, ada, invitation):
    client.force_login(ada)
    pages = {"/invitations/": client, "/admin/invitations/invitation/": admin_client}
    assert not any("out since" in visitor.get(path).text for path, visitor in pages.items())
    pause_sending("The mail provider refused <this> account (401).")
    assert "No mails go out since" in client.get("/invitations/").text
    assert "(401)" not in client.get("/invitations/").text
    assert "No mails go out since" in live.render(ada, {}, None), "told to an open page, too"
    page = admin_client.get("/admin/invitations/invitation/").text
    assert "No mail goes out since" in page
    assert "refused &lt;this&gt; account (401)" in page
    steering.resume(QUEUE)
    assert "out since" not in live.render(ada, {}, None)
    assert not any("out since" in visitor.get(path).text for path, visitor in pages.items())
