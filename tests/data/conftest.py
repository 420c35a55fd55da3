"""A file written and read, and a PostgreSQL server of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from lepton_automl.data import Dataset, ReadingRules, build_dataset
from lepton_automl.data.sources.file import FileSource
from lepton_automl.ledger import Entry

TOKENS = ("", "?", "NA", "N/A", "nan", "NULL")


@dataclass(frozen=True)
class Loaded:
    """A typed table and what happened on the way."""

    data: Dataset
    entries: list[Entry]

    def values(self, name):
        return [None if value != value else value for value in self.data.values(name).astype(object).tolist()]

    def kind(self, name):
        return str(self.data.column(name).kind)

    def reason(self, name):
        return self.data.column(name).reason

    def counts(self):
        """Gives (code, column, count) of each entry but those that only say how many rows were read."""
        return [(e.code, e.column, e.count) for e in self.entries if e.effect != "rows read"]


def load(source, **rules):
    return Loaded(*build_dataset(source.read(), ReadingRules(**{"missing_tokens": TOKENS, **rules})))


@pytest.fixture
def typed():
    return load


@pytest.fixture
def csv(tmp_path):
    """Writes text or bytes as a CSV file and reads it; keywords of `FileSource` go to it, the others are reading rules."""

    def read(content, name="table.csv", **settings):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        own = {key: settings.pop(key) for key in list(settings) if key in FileSource.__dataclass_fields__}
        return load(FileSource("data.source", str(path), **own), **settings)

    return read


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
