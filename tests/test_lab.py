"""`make lab` and papermill: a chapter runs from top to bottom wherever its reader starts it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from support import ROOT, until

from alliances.command import main
from alliances.problems import DataProblem
from alliances.study import Study

LAB = ROOT / ".venv-lab"


@pytest.fixture
def lab(tmp_path):
    """The lab's process and address; it has a user's folders of its own, and opens no browser."""
    if not (LAB / "is-set-up").is_file():
        reason = "JupyterLab is not set up; make lab does it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"open_browser": False, "allow_root": True, "port": port}})
    )
    folders = {
        f"JUPYTER_{name.upper()}_DIR": str(tmp_path / name) for name in ("config", "runtime")
    }
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        ["make", "lab"],
        cwd=ROOT,
        env=plain | folders,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    found, said = None, []
    while not found:
        said.append(process.stdout.readline())
        assert said[-1], "".join(said)
        found = re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+", said[-1])
    # The address is printed a moment before the server listens there.
    until(lambda: listens(port))
    yield process, found.group()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def listens(port):
    """Whether anybody answers at a port of this machine."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def asked(address, path, content=None):
    """What the lab's server answers to a request of its interface."""
    place, token = re.fullmatch(r"(http://[^/]+)/.*token=(\w+)", address).groups()
    request = urllib.request.Request(
        f"{place}/api/{path}",
        data=json.dumps(content).encode() if content else None,
        headers={"Authorization": f"token {token}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def run_in(connection, path):
    """Run a chapter's code cells in a kernel that runs already; [(source, status, error)]."""
    from jupyter_client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    done = []
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            reply = client.execute_interactive(
                cell.source, timeout=120, output_hook=lambda message: None
            )["content"]
            done.append((cell.source, reply["status"], reply.get("evalue")))
    client.stop_channels()
    return done


def test_a_chapter_opened_in_the_lab_runs_from_top_to_bottom(lab, tmp_path):
    process, address = lab
    kernels = asked(address, "kernelspecs")
    spec = kernels["kernelspecs"]["python3"]["spec"]
    assert kernels["default"] == "python3" and spec["argv"][0] == str(ROOT / ".venv/bin/python")
    assert spec["env"] == {"PYTHONPATH": str(ROOT / "lib")}
    opened = {"path": "chapters/trade.ipynb", "type": "notebook", "name": "trade.ipynb"}
    session = asked(address, "sessions", opened | {"kernel": {"name": "python3"}})
    connection = tmp_path / "runtime" / f"kernel-{session['kernel']['id']}.json"
    done = run_in(connection, ROOT / "chapters" / "trade.ipynb")
    assert len(done) > 10 and [one for one in done if one[1] != "ok"] == []
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    with pytest.raises(urllib.error.URLError):
        asked(address, "kernelspecs")


@pytest.mark.parametrize("folder", [".", "chapters"])
def test_papermill_runs_a_chapter_from_the_book_and_from_its_own_folder(tmp_path, folder):
    chapter = Path("chapters/trade.ipynb") if folder == "." else Path("trade.ipynb")
    out = tmp_path / "out.ipynb"
    words = [str(chapter), str(out), "-p", "FOCAL", "RUS", "-p", "ALLY", "ARM"]
    ran = subprocess.run(
        [sys.executable, "-m", "papermill", *words, "--no-progress-bar"],
        cwd=ROOT / folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "lib")},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    notebook = nbformat.read(out, 4)
    given = [c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert 'FOCAL = "RUS"' in given[0].source and 'ALLY = "ARM"' in given[0].source
    assert notebook.cells[-1].metadata["papermill"]["status"] == "completed"


def test_the_name_of_the_books_own_data_holds_wherever_a_chapter_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Study("../data").folder == ROOT / "data"
    for wrong in ("../dat", "data", "../../data", "./../data/arms_transfers"):
        with pytest.raises(DataProblem, match="there is no such folder"):
            Study(wrong)


def test_a_study_beside_the_working_folder_comes_before_the_books_own(tmp_path, monkeypatch):
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    package["study"] |= {"focal": "RUS", "ally": "ARM"}
    (tmp_path / "data").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps(package))
    monkeypatch.chdir(tmp_path / "here")
    assert Study("../data").focal == "RUS"


def test_the_command_takes_no_other_study_than_the_one_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["build", "--book", str(ROOT), "--study", "../data", "--out", str(tmp_path / "site")]
    assert main(words) == 1
    assert "../data: there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()
