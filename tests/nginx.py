"""nginx in front of a site, with a configuration as it would lie in /etc/nginx/conf.d."""

import os
import pwd
import shutil
import socket

from tests.servers import Missing, Server

FRAME = """
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/site.conf;
}}
"""


class Nginx(Server):
    """From PATH. As root it would write where ``nobody`` may not, so it is ``nobody`` from the start."""

    def __init__(self, configuration: str, port: int) -> None:
        """``configuration`` listens on 127.0.0.1 at ``port``."""
        self.binary = nginx_binary()
        super().__init__()
        self.port = port
        (self.directory / "site.conf").write_text(configuration)
        (self.directory / "nginx.conf").write_text(FRAME.format(directory=self.directory))
        if os.geteuid() == 0:
            self.user = "nobody"
            owner = pwd.getpwnam(self.user)
            for path in (self.directory, *self.directory.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [self.binary, "-p", str(self.directory), "-e", "stderr", "-c", str(self.directory / "nginx.conf")]

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except OSError:
            return False
        return True


def nginx_binary() -> str:
    # Debian's place for it is not on everybody's PATH.
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        raise Missing("No nginx here, and no wheel has it. As root: apt-get update && apt-get install nginx")
    return found
