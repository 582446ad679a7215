"""A live page's source that shows which jobs it was asked to show, for the tests of the socket."""

from workers.live import Refused, Source, register

EVERYTHING = '<p id="shown">everything</p>'


class Shown:
    """Keeps what was done; may be broken, or closed to everybody."""

    def __init__(self) -> None:
        self.allowed = True
        self.broken = False
        self.params: dict = {}
        self.done: list = []

    def register(self, every=None):
        register(Source("shown", self.render, self.act, self.may_see, every))

    def render(self, user, params, job_ids):
        self.params = dict(params)
        if self.broken:
            raise RuntimeError("a template is broken")
        return f'<p id="shown">{" ".join(sorted(job_ids)) if job_ids else "everything"}</p>'

    def act(self, user, action, values):
        if action == "refuse":
            raise Refused("That is <not> possible.")
        if action == "fail":
            raise RuntimeError("a secret path")
        self.done.append((user.username, action, dict(values)))
        return f"Done: {action}."

    def may_see(self, user):
        return self.allowed
