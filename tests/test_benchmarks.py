"""The benchmarks: parameters follow from the registry, and the asv suite runs and is published from a clean clone."""

import functools
import html
import http.server
import importlib
import itertools
import json
import os
import re
import shutil
import subprocess
import tarfile
import threading
from pathlib import Path

import pytest

import spatium as sp

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"

pytestmark = pytest.mark.skipif(not BENCHMARKS.exists(), reason="reads the benchmarks")


@pytest.fixture
def suite(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return lambda module: importlib.import_module(f"suite.{module}")


def test_parameters_follow_from_the_registry(suite):
    functions = suite("functions")
    assert tuple(functions.Functions.params[0]) == sp.activations()
    from_output = {name for name in sp.activations() if sp.activation(name).gradient_from == "output"}
    assert set(functions.FromOutput.params[0]) == from_output


@pytest.mark.parametrize("cls", ["Functions", "FromOutput", "Call", "Threads"])
def test_every_function_can_be_measured(suite, cls):
    """Each benchmark of the functions runs, at its smallest size."""
    made = getattr(suite("functions"), cls)
    names = getattr(made, "param_names", [])
    choices = [p[:1] if n == "size" else p for n, p in zip(names, getattr(made, "params", []), strict=True)]
    methods = [name for name in dir(made) if name.startswith("time_")]
    assert methods
    for parameters in itertools.product(*choices):
        benchmark = made()
        benchmark.setup(*parameters)
        for name in methods:
            getattr(benchmark, name)(*parameters)


# ---- a clean clone, and the published pages ----

# The pages of asv load these from the network: here the packages of npm serve them, so that the browser needs none.
LIBRARIES = {
    "jquery": "dist/jquery.min.js",
    "flot": "jquery.flot.js jquery.flot.time.js jquery.flot.selection.js jquery.flot.categories.js",
    "flot-orderbars": "js/jquery.flot.orderBars.js",
    "stupid-table-plugin": "stupidtable.js",
    "blueimp-md5": "js/md5.min.js",
    "bootstrap": "dist/js/bootstrap.min.js dist/css/bootstrap.min.css",
}
VERSIONS = {"jquery": "3.3.1", "flot": "0.8.3", "stupid-table-plugin": "1.1.3", "bootstrap": "3.1.1"}


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=900, **options).stdout


def without_network(pages, folder):
    """Put the libraries beside the published pages, and name them there instead of their addresses."""
    index = pages / "index.html"
    text = re.sub(r' (?:integrity|crossorigin|referrerpolicy)="[^"]*"', "", index.read_text())
    for package, files in LIBRARIES.items():
        version = f"@{VERSIONS[package]}" if package in VERSIONS else ""
        archive = run("npm", "pack", "--silent", package + version, cwd=folder).split()[-1]
        with tarfile.open(folder / archive) as stream:
            for file in files.split():
                member = stream.extractfile(f"package/{file}")
                assert member
                name = Path(file).name
                (pages / name).write_bytes(member.read())
                address = rf'https://[^"]*/{re.escape(name).replace("js", "(?:min.)?js")}'
                if package == "jquery":
                    address = r'https://[^"]*/jquery-[\d.]+min\.js'
                text, count = re.subn(f'"{address}"', f'"{name}"', text)
                assert count == 1, name
    assert "https://c" not in "".join(re.findall(r"<(?:script|link)[^>]*>", text))
    index.write_text(text)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *arguments):
        pass


def opened(browser, address, folder):
    """What the browser shows of a page when its scripts have run."""
    switches = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    return html.unescape(run(browser, *switches, "--virtual-time-budget=20000", "--dump-dom", address))


@pytest.mark.slow
def test_asv_runs_and_publishes_from_a_clean_clone(tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    for tool in ("asv", "git", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}")
    if browser is None or not (ROOT / ".git").exists():
        pytest.skip("needs Chromium, and a clone")
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", str(ROOT), str(clone))
    run("git", "-C", str(clone), "checkout", "--quiet", "-B", "main")  # the branch that asv.conf.json follows
    environment = os.environ | {"HOME": str(tmp_path)}  # asv keeps the machine's description there
    asv = functools.partial(run, cwd=clone / "benchmarks", env=environment)
    asv("asv", "machine", "--yes")
    asv("asv", "run", "--quick", "--bench", r"functions.Call|process.Import", "HEAD^!")
    asv("asv", "publish")

    pages = clone / "benchmarks" / ".asv" / "html"
    measured = json.loads((pages / "index.json").read_text())["benchmarks"]
    shown = {"functions.Call.time_function", "functions.Call.time_ufunc", "process.Import.timeraw_spatium"}
    assert shown <= set(measured)
    without_network(pages, tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(pages)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        front = f"http://127.0.0.1:{server.server_port}/"
        grid = opened(browser, front + "#/", tmp_path)
        for name in shown:
            assert f"#{name}" in grid  # a link made by the page's scripts
        graph = opened(browser, front + "#process.Import.timeraw_spatium", tmp_path)
        assert 'class="flot-base"' in graph  # the canvas that the curve is drawn on
    finally:
        server.shutdown()
        server.server_close()
