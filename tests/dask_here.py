"""A Dask cluster of processes on this machine, for tests and measurements."""

import json
import os
import subprocess
import sys

from support import ROOT, until


class Cluster:
    """A scheduler and workers as processes of this machine."""

    def __init__(self, folder):
        self.processes, self.file = [], folder / "scheduler.json"
        self.scheduler = self.start("scheduler", "--port", "0", "--scheduler-file", str(self.file))
        self.address = until(self._address)

    def _address(self):
        try:
            return json.loads(self.file.read_text())["address"]
        except (OSError, ValueError):
            return None

    def start(self, kind, *words, library=ROOT / "lib"):
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words]
            + ["--host", "127.0.0.1", "--no-dashboard"],
            env=os.environ | {"PYTHONPATH": str(library)},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self.file.parent,
        )
        self.processes.append(process)
        return process

    def worker(self, **options):
        return self.start("worker", self.address, "--nthreads", "1", "--no-nanny", **options)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
