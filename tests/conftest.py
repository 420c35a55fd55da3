"""A PostgreSQL server of its own, for the rooms that reach databases."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # a shell that starts the tests aside has them, and what they start, ignore it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Server:
    """Where a PostgreSQL server listens."""

    user: str
    password: str
    port: int

    @property
    def url(self):
        return f"postgresql+psycopg://{self.user}:{self.password}@127.0.0.1:{self.port}/postgres"


def postgres_folder():
    """Gives the folder of PostgreSQL's programs, or none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) + sorted(Path("/usr").glob("pgsql*/bin/initdb"))
    return places[-1].parent if places else None


@pytest.fixture(scope="session")
def postgres():
    programs = postgres_folder()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (no initdb); apt-get install postgresql")
    pytest.importorskip("psycopg", reason="pip install 'lepton-automl[postgresql]'")
    owner = {} if os.getuid() else _another_user()
    folder = Path(tempfile.mkdtemp(prefix="pg_", dir="/tmp"))
    server = Server("lepton", "s3cret pass", _free_port())
    (folder / "password").write_text(server.password)
    for path in (folder, folder / "password"):
        if owner:
            os.chown(path, owner["user"], owner["group"])
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "cwd": folder, **owner}
    make = [programs / "initdb", "-D", folder / "data", "-U", server.user, "-A", "scram-sha-256", "--no-sync", "-E", "UTF8"]
    subprocess.run([*make, f"--pwfile={folder / 'password'}"], check=True, timeout=60, **quiet)
    control = [programs / "pg_ctl", "-D", folder / "data", "-w", "-t", "30"]
    options = f"-p {server.port} -h 127.0.0.1 -k {folder} -F"
    try:
        subprocess.run(
            [*control, "-l", folder / "log", "-o", options, "start"], check=True, timeout=60, **{**quiet, "stdout": None}
        )
        yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, timeout=60, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def _another_user():
    """PostgreSQL does not run as root: gives the arguments of `subprocess` for another user."""
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    pytest.skip("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def _free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
