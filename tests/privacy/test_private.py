"""Private by construction: no network, no telemetry, logs without names, customer files without internal figures."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample, save_project
from mitsumori.model.plan.proposal import Proposal
from mitsumori.model.workbook import export
from tests.needs import needs_qt

ROOT = Path(__file__).parents[2]
CUSTOMER, PROJECT_NAME = "株式会社マーカー商事7f3a", "極秘計画Zq81"
USER, HOST_HOME = "marker_user_5c21", "/home/marker_user_5c21"

NETWORK = {
    "socket", "ssl", "http", "urllib.request", "urllib.error", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib",
    "poplib", "imaplib", "telnetlib", "nntplib", "xmlrpc", "asyncio", "socketserver", "webbrowser", "paramiko", "grpc",
    "websockets",
    "sentry_sdk", "PySide6.QtNetwork", "PySide6.QtWebEngineCore", "PySide6.QtWebEngineWidgets", "PySide6.QtWebSockets",
    "multiprocessing.managers",
    "dask", "distributed",
}  # fmt: skip
STUDY = {"model/study/grid.py": {"dask", "distributed", "dask.distributed"}}
"""The optional Dask study is the one part that may talk to other machines, those the user names."""


def sources() -> list[Path]:
    return sorted(path for package in ("gui", "model", "resources") for path in (ROOT / package).rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            names |= {
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            }
    return names


def reaches_out(names: set[str]) -> set[str]:
    return {name for name in names for module in NETWORK if name == module or name.startswith(module + ".")}


def test_the_check_of_imports_sees_what_it_looks_for():
    found = imported(
        ast.parse("import ssl\nfrom urllib import request\nfrom http.client import X\n__import__('socket')")
    )
    assert reaches_out(found) == {"ssl", "urllib.request", "http.client", "http.client.X", "socket"}
    assert not reaches_out(imported(ast.parse("from urllib.parse import quote\nimport httplib3x")))


def test_no_source_file_imports_network_code():
    assert len(sources()) > 60
    found = {
        str(path.relative_to(ROOT)): reaches_out(imported(ast.parse(path.read_text(encoding="utf-8"))))
        for path in sources()
    }
    assert {path: names for path, names in found.items() if names - STUDY.get(path, set())} == {}


def test_the_study_loads_its_network_code_only_when_asked_for():
    code = "import sys, mitsumori.model.cli, mitsumori.model.study.grid; print([name for name in sys.modules if name.split('.')[0] in ('dask', 'distributed')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def marked_project() -> Project:
    plan = load_sample("llama2-7b-sft").plan.with_values(
        {"name": PROJECT_NAME, "notes.money.onprem.server_price": "仕入先メモ88d1"}
    )
    return Project(plans=(plan, plan.with_values({"cluster.servers": 2})), proposal=Proposal(customer=CUSTOMER))


@pytest.fixture(scope="module")
def sitting(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("sitting")
    project = folder / "project.mitsumori"
    save_project(marked_project(), project)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.privacy.sitting", str(project), str(folder), "window"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_whole_sitting_works_with_the_network_forbidden(sitting):
    needs_qt()
    assert sitting["problems"] == []
    assert {"estimate", "table", "export", "backtest", "samples", "refused", "window"} <= set(sitting["done"])
    assert sitting["attempts"] == []
    assert sitting["sockets"] == []
    assert not sitting["qt_network"]


def test_logs_hold_no_customer_and_no_project_name(sitting):
    """Also not inside the reason of a refused input or the path of a copy of unsaved work."""
    written = "\n".join(sitting["log"]) + sitting["log_files"]
    for name in (CUSTOMER, PROJECT_NAME, "仕入先メモ88d1"):
        assert name not in written


def test_the_network_guard_of_the_sitting_bites():
    code = (
        "from tests.privacy import sitting; sitting.forbid_the_network(); import socket\n"
        "try: socket.create_connection(('localhost', 9))\n"
        "except PermissionError: print(len(sitting.ATTEMPTS))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip() == "1"


# --- what leaves the company

PRICE, DISCOUNT, MARGIN, SERVERS = 43_217_689, 0.1373, 0.1291, 3
INTERNAL = {
    "list price": PRICE,
    "list price of all servers": PRICE * SERVERS,
    "purchase price": PRICE * (1 - DISCOUNT),
    "purchase price of all servers": PRICE * (1 - DISCOUNT) * SERVERS,
    "gross profit": PRICE * (1 - DISCOUNT) * (1 / (1 - MARGIN) - 1),
    "gross profit of all servers": PRICE * (1 - DISCOUNT) * (1 / (1 - MARGIN) - 1) * SERVERS,
    "discount": DISCOUNT, "discount in percent": DISCOUNT * 100, "margin": MARGIN, "margin in percent": MARGIN * 100,
    "one less discount": 1 - DISCOUNT, "one less margin": 1 - MARGIN,
}  # fmt: skip


def internal_plan() -> Plan:
    return load_sample("llama2-7b-sft").plan.with_values(
        {
            "cluster.servers": SERVERS,
            "money.onprem.server_price": PRICE,
            "money.onprem.discount": DISCOUNT,
            "money.onprem.margin": MARGIN,
            "notes.money.onprem.server_price": "memo of the list price 88d1",
            "notes.money.onprem.discount": "memo of the discount 88d1",
            "notes.money.onprem.margin": "memo of the margin 88d1",
        }
    )


def contents(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()}


def internal_figures(parts: dict[str, str]) -> set[str]:
    """Names of internal figures that stand anywhere in a workbook: in cells, formulas, texts or charts."""
    found = set()
    numbers: set[float] = set()
    for text in parts.values():
        numbers |= {
            float(digits)
            for digits in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])", text.replace(",", ""))
        }
    for name, value in INTERNAL.items():
        # Within what rounding to whole yen or to four digits could hide, but no wider.
        near = 0.51 if value > 1000 else 0.6e-4 * max(1.0, value / 10)
        # A share with at most two digits (0.13) is any percentage; ours has four, so nothing else may be that near.
        if any(
            abs(number - value) <= near for number in numbers if abs(number - round(number, 2)) > 1e-9 or value > 1000
        ):
            found.add(name)
    return found


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory) -> dict[tuple[str, str], dict[str, str]]:
    folder = tmp_path_factory.mktemp("books")
    plan, made = internal_plan(), {}
    result = estimate(plan)
    old = {name: os.environ.get(name) for name in ("USER", "LOGNAME", "USERNAME", "HOME")}
    os.environ |= {"USER": USER, "LOGNAME": USER, "USERNAME": USER, "HOME": HOST_HOME}
    try:
        for audience, language in (("customer", "ja"), ("customer", "en"), ("internal", "ja")):
            path = folder / f"{audience}-{language}.xlsx"
            export(plan, result, path, language, audience=audience, proposal=Proposal(customer=CUSTOMER))
            made[audience, language] = contents(path)
    finally:
        for name, value in old.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
    return made


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_customer_workbook_holds_no_internal_figure(workbooks, language):
    parts = workbooks["customer", language]
    assert internal_figures(parts) == set()
    whole = "".join(parts.values())
    assert "88d1" not in whole, "a note on an internal field left the company"
    assert not re.search(r"in_money_onprem_(discount|margin)", whole)
    assert CUSTOMER in whole, "it is this customer's workbook"


def test_the_search_for_internal_figures_finds_them_in_the_internal_workbook(workbooks):
    assert {"list price", "discount", "margin"} <= internal_figures(workbooks["internal", "ja"])


@pytest.mark.parametrize("book", [("customer", "ja"), ("customer", "en"), ("internal", "ja")])
def test_a_workbook_names_no_user_no_machine_and_no_folder(workbooks, book):
    parts = workbooks[book]
    whole = "".join(parts.values())
    for trace in (USER, HOST_HOME, str(ROOT), os.uname().nodename + ".", "openpyxl"):
        assert trace not in whole, trace
    properties = parts["docProps/core.xml"]
    creators = re.findall(r"<dc:creator>(.*?)</dc:creator>|<cp:lastModifiedBy>(.*?)</cp:lastModifiedBy>", properties)
    assert {name for pair in creators for name in pair if name} <= {"Mitsumori"}


def test_a_project_file_names_no_user_no_machine_and_no_folder(tmp_path):
    path = tmp_path / "a.mitsumori"
    save_project(marked_project(), path)
    text = path.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert USER not in text
    assert os.uname().nodename not in text or len(os.uname().nodename) < 4
