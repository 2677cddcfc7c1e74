"""The desktop bundle: what its specs, desktop files, notices and archives hold; whole builds run in ``.ci/long``."""

from __future__ import annotations

import configparser
import importlib.util
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.needs import needs_qt

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SPECS = [PACKAGING / "mitsumori.spec", PACKAGING / "windows" / "windows.spec", PACKAGING / "macos" / "macos.spec"]


def load(name: str) -> ModuleType:
    """A script of packaging/, which is no package (its name is a distribution's)."""
    spec = importlib.util.spec_from_file_location(name, PACKAGING / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(PACKAGING))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(PACKAGING))
    return module


bundle = load("bundle")


def resource_files() -> set[str]:
    """What git would keep of resources/, or every file of it outside a checkout."""
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "resources").rglob("*") if path.is_file()}
    return {name for name in files if "__pycache__" not in name}


def test_packaging_is_no_import_package() -> None:
    assert not list(PACKAGING.rglob("__init__.py")), "packaging is the name of a distribution that pip itself imports"


def test_every_resource_is_in_the_bundle() -> None:
    shipped = {f"{folder}/{Path(source).name}" for source, folder in bundle.resource_datas()}
    assert {f"mitsumori/{name}" for name in resource_files() if not name.endswith(".py")} == shipped


def test_every_module_is_in_the_bundle() -> None:
    names = set(bundle.hidden_imports())
    for package in ("gui", "model", "resources"):
        for path in (ROOT / package).rglob("*.py"):
            dotted = ".".join(("mitsumori", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
            assert dotted in names


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_spec_parses_and_uses_the_common_contents(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    compile(text, str(path), "exec")
    for call in ("bundle.resource_datas()", "bundle.hidden_imports()", "bundle.EXCLUDES", 'copy_metadata("mitsumori")'):
        assert call in text, f"{path.name} does not use {call}"
    assert "strip=True" not in text, "strip breaks numpy's OpenBLAS"
    assert "upx=True" not in text


@pytest.mark.parametrize("path", SPECS[1:], ids=lambda path: path.name)
def test_what_was_never_built_says_so(path: Path) -> None:
    assert "NOT YET BUILT" in path.read_text(encoding="utf-8")
    assert "not yet built" in (PACKAGING / "README.md").read_text(encoding="utf-8").lower()


def test_windows_installer_is_well_formed() -> None:
    """Inno Setup's sections, each entry with the parameters that its section requires, and files that exist."""
    path = PACKAGING / "windows" / "installer.iss"
    sections: dict[str, list[str]] = {}
    current = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not text or text.startswith((";", "#")):
            continue
        heading = re.fullmatch(r"\[(\w+)\]", text)
        if heading:
            current = heading.group(1)
            sections[current] = []
        else:
            sections[current].append(text)
    required = {"Files": ("Source:", "DestDir:"), "Icons": ("Name:", "Filename:"), "Registry": ("Root:", "Subkey:")}
    for section, parameters in required.items():
        assert sections[section]
        for entry in sections[section]:
            assert all(parameter in entry for parameter in parameters), entry
            assert entry.replace('""', "").count('"') % 2 == 0, entry
    setup = dict(line.split("=", 1) for line in sections["Setup"])
    for key in ("LicenseFile", "SetupIconFile"):
        assert (path.parent / setup[key].replace("\\", "/")).is_file()
    assert setup["ChangesAssociations"] == "yes"
    assert any(r"Classes\.mitsumori" in entry for entry in sections["Registry"])
    tasks = {match for line in sections["Tasks"] for match in re.findall(r'^Name: "(\w+)"', line)}
    used = {match for lines in sections.values() for line in lines for match in re.findall(r"Tasks: (\w+)", line)}
    assert used <= tasks


@pytest.mark.parametrize("name", ["build_linux.sh", "register.sh", "refresh_caches.sh", "macos/make_dmg.sh"])
def test_shell_scripts_parse_and_are_executable(name: str) -> None:
    path = PACKAGING / name
    assert os.access(path, os.X_OK)
    shell = "bash" if "bash" in path.read_text(encoding="utf-8").splitlines()[0] else "sh"
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_desktop_entry() -> None:
    path = PACKAGING / "mitsumori.desktop"
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(path, encoding="utf-8")
    group = entry["Desktop Entry"]
    assert group["Exec"] == "mitsumori %f", "a file that is double-clicked is handed over"
    assert group["MimeType"].rstrip(";") == mime_type()
    assert group["Icon"] == "mitsumori"
    assert group["Name[ja]"] and group["Comment[ja]"]
    if shutil.which("desktop-file-validate"):
        done = subprocess.run(["desktop-file-validate", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stdout, done.stdout


def mime_type() -> str:
    tree = ElementTree.parse(PACKAGING / "mitsumori.xml")
    namespace = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    (kind,) = tree.getroot().findall("m:mime-type", namespace)
    assert [glob.get("pattern") for glob in kind.findall("m:glob", namespace)] == ["*.mitsumori"]
    return str(kind.get("type"))


def test_file_type_knows_project_files(tmp_path: Path) -> None:
    assert mime_type() == "application/x-mitsumori-project"
    if not shutil.which("update-mime-database"):
        pytest.skip("update-mime-database is missing; on Debian: apt-get install shared-mime-info")
    packages = tmp_path / "mime" / "packages"
    packages.mkdir(parents=True)
    shutil.copy(PACKAGING / "mitsumori.xml", packages)
    done = subprocess.run(["update-mime-database", str(tmp_path / "mime")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "*.mitsumori" in (tmp_path / "mime" / "globs").read_text(encoding="utf-8")


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert bundle.version() == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [ROOT / "constraints.txt", PACKAGING / "constraints-build.txt"], ids=lambda p: p.name)
def test_constraints_are_exact_versions_only(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line), line


def test_build_and_product_constraints_do_not_fight() -> None:
    def pins(path: Path) -> dict[str, str]:
        pairs = (line.split("==") for line in path.read_text(encoding="utf-8").split())
        return {name.lower().replace("_", "-"): version for name, version in pairs}

    product, build = pins(ROOT / "constraints.txt"), pins(PACKAGING / "constraints-build.txt")
    assert {name: build[name] for name in build.keys() & product.keys()} == {
        name: product[name] for name in build.keys() & product.keys()
    }


def test_icon_pictures_are_those_of_the_drawing(tmp_path: Path) -> None:
    """The kept PNG are what render_icons.py makes of the drawing, to one step a channel; .ico and .icns hold them."""
    needs_qt()
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import render_icons as r\n"
        "from PySide6.QtGui import QGuiApplication, QImage\n"
        "from PySide6.QtSvg import QSvgRenderer\n"
        "app = QGuiApplication([])\n"
        "renderer = QSvgRenderer(str(r.HERE / 'mitsumori.svg'))\n"
        "for size in r.SIZES:\n"
        "    new = QImage.fromData(r.png(renderer, size))\n"
        "    old = QImage(str(r.HERE / 'icons' / f'mitsumori-{size}.png'))\n"
        "    assert old.size() == new.size(), size\n"
        "    for x in range(0, size, max(1, size // 32)):\n"
        "        for y in range(0, size, max(1, size // 32)):\n"
        "            a, b = old.pixelColor(x, y).getRgb(), new.pixelColor(x, y).getRgb()\n"
        "            assert max(abs(i - j) for i, j in zip(a, b)) <= 8, (size, x, y, a, b)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(PACKAGING)], capture_output=True, text=True, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ico = (PACKAGING / "icons" / "mitsumori.ico").read_bytes()
    assert ico[:4] == b"\0\0\1\0" and ico.count(b"\x89PNG") == int.from_bytes(ico[4:6], "little")
    icns = (PACKAGING / "icons" / "mitsumori.icns").read_bytes()
    assert icns[:4] == b"icns" and int.from_bytes(icns[4:8], "big") == len(icns)


def test_window_and_bundle_have_one_icon() -> None:
    assert (PACKAGING / "mitsumori.svg").read_bytes() == (ROOT / "resources" / "icons" / "mitsumori.svg").read_bytes()


def test_notice_says_how_to_replace_qt() -> None:
    text = (PACKAGING / "NOTICE.md").read_text(encoding="utf-8")
    for part in ("LGPL", "_internal/PySide6/Qt/lib/", "replace them", "numpy (BSD", "Open Font License",
                 "vTrain"):  # fmt: skip
        assert part in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (PACKAGING / "licenses" / "LGPL-3.0.txt").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in (PACKAGING / "licenses" / "GPL-3.0.txt").read_text(encoding="utf-8")


def test_notices_of_every_dependency_are_found(tmp_path: Path) -> None:
    """Every distribution that the product needs at run time, as installed here, brings a licence text."""
    notices = load("notices")
    found = {distribution.metadata["Name"].lower().replace("_", "-"): distribution
             for distribution in notices.runtime_distributions(extra=())}  # fmt: skip
    assert {
        "pyside6-essentials",
        "shiboken6",
        "numpy",
        "pydantic",
        "openpyxl",
        "defusedxml",
    } <= found.keys()
    assert "pytest" not in found and "scipy" not in found, "extras are not in the bundle"
    for distribution in found.values():
        notices.collect_distribution(distribution, tmp_path)
        assert notices.licence_of(distribution)
    for folder in tmp_path.iterdir():
        assert any(path.stat().st_size > 100 for path in folder.iterdir()), folder.name
    assert (tmp_path / "PySide6_Essentials" / "LGPL-3.0.txt").is_file()


def test_missing_licence_is_refused(tmp_path: Path) -> None:
    notices = load("notices")

    class Nameless:
        metadata = {"Name": "nameless"}
        version = "1"
        files = ()

    with pytest.raises(notices.NoLicenceError, match="nameless 1 brings no licence text"):
        notices.collect_distribution(Nameless(), tmp_path)


def test_log_with_a_missing_library_is_refused() -> None:
    check = load("check_log").missing
    line = "24486 WARNING: Library not found: could not resolve '{}', dependency of '/v/lib/python3.11/site-packages/{}'.\n"
    xcb = line.format("libxcb-icccm.so.4", "PySide6/Qt/plugins/platforms/libqxcb.so")
    gtk = line.format("libgtk-3.so.0", "PySide6/Qt/plugins/platformthemes/libqgtk3.so")
    assert check(gtk) == [], "the GTK theme is not in the bundle"
    assert check(gtk + xcb) == ["libxcb-icccm.so.4 (needed by PySide6/Qt/plugins/platforms/libqxcb.so)"]


def test_prune_keeps_what_is_needed_and_nothing_else() -> None:
    needs = {"/a/mod.so": {"libx.so.1"}, "/s/libx.so.1": {"liby.so.2"}, "/s/libz.so.3": {"libx.so.1"}}
    binaries = [
        ("pkg/mod.so", "/a/mod.so", "EXTENSION"),
        ("libpython3.11.so.1.0", "/s/libpython3.11.so.1.0", "BINARY"),
        ("libx.so.1", "/s/libx.so.1", "BINARY"),
        ("liby.so.2", "/s/liby.so.2", "BINARY"),
        ("libz.so.3", "/s/libz.so.3", "BINARY"),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", "/q/libqeglfs.so", "BINARY"),
    ]
    kept = {entry[0] for entry in bundle.prune(binaries, lambda path: needs.get(path, set()))}
    assert kept == {"pkg/mod.so", "libpython3.11.so.1.0", "libx.so.1", "liby.so.2"}


def test_register_survives_awkward_folder_names(tmp_path: Path) -> None:
    """The tar's register.sh writes an entry that starts the program in a folder with spaces, quotes and Japanese."""
    program = tmp_path / '見積 "1" $HOME 50%'
    applications = program / "share" / "applications"
    applications.mkdir(parents=True)
    shutil.copy(PACKAGING / "mitsumori.desktop", applications)
    shutil.copy(PACKAGING / "register.sh", program)
    environment = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data dir"), "PATH": os.environ["PATH"]}
    subprocess.run(["sh", str(program / "register.sh")], check=True, env=environment, capture_output=True)
    entry = tmp_path / "data dir" / "applications" / "mitsumori.desktop"
    (line,) = [text for text in entry.read_text(encoding="utf-8").splitlines() if text.startswith("Exec=")]
    # Desktop Entry Specification: the value's own escapes first, then the quoting of Exec, then field codes.
    value = line.removeprefix("Exec=").replace("\\\\", "\\")
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)" %f', value)
    assert quoted is not None, value
    assert re.sub(r"\\(.)", r"\1", quoted.group(1)).replace("%%", "%") == f"{program}/mitsumori"
    subprocess.run(["sh", str(program / "register.sh"), "--remove"], check=True, env=environment, capture_output=True)
    assert not entry.exists()


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built of a copy of this tree, without a look at the network."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "__init__.py"):
        shutil.copy(ROOT / name, source)
    for package in ("gui", "model", "resources"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    out = tmp_path_factory.mktemp("wheel")
    code = (
        "import sys\nfrom setuptools import build_meta\n"
        "sys.stdout.write(build_meta.build_wheel(sys.argv[1]))\n"
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, str(out)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> set[str]:
    """Names of the files in the wheel."""
    return set(zipfile.ZipFile(wheel_file).namelist())


def test_every_package_is_listed_for_the_build() -> None:
    """pyproject.toml lists the packages, since the folders at the top are mapped below ``mitsumori``."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = {
        ".".join(("mitsumori", *path.parent.relative_to(ROOT).parts))
        for package in ("gui", "model", "resources")
        for path in (ROOT / package).rglob("__init__.py")
    }
    assert set(listed) == found | {"mitsumori"}


def test_nothing_imports_the_folders_by_their_bare_names() -> None:
    """``import model`` works in the checkout and nowhere else: installed there is only ``mitsumori``."""
    bare = re.compile(r"^\s*(?:from|import) (?:gui|model|resources)\b", re.MULTILINE)
    folders = ("gui", "model", "resources", "tests", "packaging")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if path != Path(__file__)]
    assert [str(path) for path in files if bare.search(path.read_text(encoding="utf-8"))] == []


def test_every_resource_and_module_is_in_the_wheel(wheel: set[str]) -> None:
    assert {f"mitsumori/{name}" for name in resource_files()} <= wheel
    for package in ("gui", "model"):
        modules = {f"mitsumori/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / package).rglob("*.py")}
        assert modules <= wheel
    tops = {name.split("/", 1)[0] for name in wheel if ".dist-info/" not in name}
    assert tops == {"mitsumori"}, "the product occupies one importable name"


def test_the_notebook_runs_from_the_wheel_in_a_folder_with_a_model_of_its_own(wheel_file: Path, tmp_path: Path) -> None:
    """Every cell of docs/notebook.ipynb, in order, with the wheel's files first on the path."""
    installed, folder = tmp_path / "installed", tmp_path / "work"
    zipfile.ZipFile(wheel_file).extractall(installed)
    folder.mkdir()
    (folder / "model.py").write_text("OWN = 1\n", encoding="utf-8")
    notebook = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code = "\n".join([*cells, "import model", "print(mi.__file__, model.OWN, swept.to_frame().shape[0])"])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(installed)))}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == f"{installed / 'mitsumori' / '__init__.py'} 1 6"
    assert "cluster.servers=0 is not accepted" in done.stdout


def test_record_of_the_last_whole_build() -> None:
    """What ``.ci/long`` measured last: a frozen program that opened a sample in a real window and wrote a workbook."""
    record = json.loads((ROOT / "tests" / "records" / "bundle.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d .*UTC", record["date"]) and re.fullmatch(r"[0-9a-f]{7,}", record["commit"])
    assert len(record["smoke"]) == 3
    for report in record["smoke"]:
        assert report["frozen"] and report["platform"] == "xcb"
        assert report["sheets"] >= 5 and report["started_s"] > 0
    # 186 MB in November 2026 without pandas (84), lxml (12) and python-pptx (4), which are runtime dependencies since.
    assert record["folder_mb"] < 300, "the bundle grew: what came along?"


def test_the_frozen_program_is_its_own_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """``advise --grid`` starts processes afresh: in a bundle that is the program itself, which must not open a second window."""
    import multiprocessing

    class Worked(Exception):
        pass

    def work() -> None:
        raise Worked

    launcher = runpy.run_path(str(ROOT / "packaging" / "launcher.py"))
    monkeypatch.setattr(multiprocessing, "freeze_support", work)
    for words in (
        ["--multiprocessing-fork", "parent_pid=1"],
        ["-B", "-c", "from multiprocessing.resource_tracker import main"],
    ):
        monkeypatch.setattr(sys, "argv", ["mitsumori", *words])
        with pytest.raises(Worked):
            launcher["main"]()


@pytest.mark.long
def test_whole_build_in_a_bare_root(tmp_path: Path) -> None:
    if os.environ.get("MITSUMORI_LONG") != "1":
        pytest.skip("builds for minutes; .ci/long sets MITSUMORI_LONG=1")
    done = subprocess.run(
        [sys.executable, str(PACKAGING / "verify_linux.py"), "--record", str(tmp_path / "bundle.json")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_smoke_test_itself(tmp_path: Path) -> None:
    """The smoke test that bundles carry passes on this source tree too, offscreen, and leaves the settings alone."""
    needs_qt()
    out = tmp_path / "out.xlsx"
    home = tmp_path / "home"
    home.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "MITSUMORI_SMOKE": str(out), "HOME": str(home)}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(PACKAGING / "launcher.py"), "llama2-7b-sft"],
        capture_output=True, text=True, check=False, env=environment, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.strip().splitlines()[-1])
    assert report["plan"] == "llama2-7b-sft" and not report["frozen"]
    assert zipfile.is_zipfile(out) and out.stat().st_size == report["workbook_bytes"]
    assert not [path for path in home.rglob("*") if path.suffix in (".ini", ".conf")]
