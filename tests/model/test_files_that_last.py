"""Files that last: every old version opens, a killed or failed save loses nothing, and no name is too odd."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.base import files as atomic
from mitsumori.model.base.files import backup_of, clean_leftovers, fingerprint, write_atomic
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.plan import project as projects
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import (
    MIGRATIONS,
    SCHEMA_VERSION,
    Project,
    Unreadable,
    fill,
    load_project,
    parse_project,
    sample_names,
    save_project,
)
from mitsumori.model.plan.proposal import Proposal
from tests.model.project_files import a_project, end_without_closing

FIXTURES = Path(__file__).parent / "fixtures" / "projects"
ROOT = Path(__file__).parents[2]


# --- versions


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_every_earlier_version_is_kept_as_fixtures_and_opens(version):
    kept = sorted((FIXTURES / f"v{version}").glob("*.mitsumori"))
    assert kept, f"tests/model/fixtures/projects/v{version} must hold files as version {version} wrote them"
    for path in kept:
        assert json.loads(path.read_bytes())["schema_version"] == version
        project = load_project(path)
        again = json.loads(project.to_bytes())
        assert again["schema_version"] == SCHEMA_VERSION
        assert parse_project(project.to_bytes(), "again") == project


def test_there_is_a_migration_from_every_earlier_version():
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))


def test_the_present_version_has_a_fixture_of_every_sample():
    assert {path.stem for path in (FIXTURES / f"v{SCHEMA_VERSION}").glob("*.mitsumori")} >= set(sample_names())


def test_a_file_of_version_1_keeps_the_standards_it_meant(tmp_path):
    """0.1.0 counted 60 s a checkpoint and half an hour a restart on every size; today's standards follow the size.

    The version was not raised when they changed: the same file gave another goodput, days and cost than it was saved with.
    """
    for path in (FIXTURES / "v1").glob("*.mitsumori"):
        stated = json.loads(path.read_bytes())["plans"][0].get("network", {})
        network = load_project(path).plan.network
        assert network.checkpoint_stall_s == stated.get("checkpoint_stall_s", 60.0)
        assert network.restart_s == stated.get("restart_s", 1800.0)
    said = {"network": {"checkpoint_stall_s": 7.0, "restart_s": 90.0}}
    run = {"name": "mine", "tokens_per_s_per_gpu": 400.0, "inputs": {"name": "then"}}
    old = {"schema_version": 1, "plans": [said, {}], "corrections": [run]}
    project = parse_project(json.dumps(old).encode(), "old.mitsumori")
    assert [(plan.network.checkpoint_stall_s, plan.network.restart_s) for plan in project.plans] == [
        (7, 90),
        (60, 1800),
    ]
    assert project.corrections[0].inputs.network.checkpoint_stall_s == 60.0
    again = parse_project(project.to_bytes(), "again")
    assert again == project
    new = {"schema_version": SCHEMA_VERSION, "plans": [{}]}
    assert parse_project(json.dumps(new).encode(), "new").plan.network.checkpoint_stall_s is None


def test_every_default_that_changed_since_a_version_is_written_down_or_named():
    """Defaults of each kept version against today's: each that differs is filled by a migration, or named here with why."""
    meant_the_same = {"parallel.compiled": "speed went by the stack's habit, as an open field does now"}
    for version in range(1, SCHEMA_VERSION):
        then = flat(json.loads((FIXTURES / f"v{version}" / "defaults.json").read_text(encoding="utf-8")))
        opened = flat(
            parse_project(json.dumps({"schema_version": version, "plans": [{}]}).encode(), "x").plan.model_dump(
                mode="json"
            )
        )
        moved = {path for path, value in then.items() if path in opened and opened[path] != value}
        assert moved - {"network.restart_s"} == set(meant_the_same), moved


def all_defaults() -> dict:
    return Plan().model_dump(mode="json")


def test_a_changed_default_is_a_new_schema_version():
    """A file holds what differs from the defaults: were a default changed alone, old files would give new numbers.

    Before the first release: ``python tests/model/test_files_that_last.py`` writes the fixture anew. After it: raise
    SCHEMA_VERSION, add a migration that ``fill``s the old default, and keep the old fixture.
    """
    written = json.loads((FIXTURES / f"v{SCHEMA_VERSION}" / "defaults.json").read_text(encoding="utf-8"))
    present = all_defaults()
    new = {k: v for k, v in flat(present).items() if k not in flat(written)}
    assert {k: v for k, v in flat(present).items() if k not in new} == flat(written)


def flat(data: dict, prefix: str = "") -> dict:
    out = {}
    for key, value in data.items():
        if isinstance(value, dict) and value:
            out |= flat(value, f"{prefix}{key}.")
        else:
            out[prefix + key] = value
    return out


def test_migrations_run_in_order_and_keep_the_old_numbers(monkeypatch):
    """Two made-up later versions: a renamed part, and a default that changed from 0.7 to 0.5."""

    def rename(document):
        document["plans"] = document.pop("scenarios")
        return document

    def new_default(document):
        for plan in document["plans"]:
            fill(plan, "money.utilization", 0.7)
        return document

    monkeypatch.setattr(projects, "SCHEMA_VERSION", 3)
    monkeypatch.setattr(projects, "MIGRATIONS", {1: rename, 2: new_default})
    old = {"schema_version": 1, "plans": [], "scenarios": [{"name": "old"}, {"money": {"utilization": 0.9}}]}
    opened = parse_project(json.dumps(old).encode(), "old.mitsumori")
    assert [plan.money.utilization for plan in opened.plans] == [0.7, 0.9]
    second = {"schema_version": 2, "plans": [{"name": "newer"}]}
    assert parse_project(json.dumps(second).encode(), "x").plan.money.utilization == 0.7
    third = {"schema_version": 3, "plans": [{"money": {"utilization": 0.3}}]}
    assert parse_project(json.dumps(third).encode(), "x").plan.money.utilization == 0.3
    for broken in ({"schema_version": 1, "plans": []}, {"schema_version": 2, "plans": [7]}):
        with pytest.raises(Refusal, match="schema version") as caught:
            parse_project(json.dumps(broken).encode(), "old.mitsumori")
        assert "\n" not in str(caught.value)


def test_the_customer_of_each_plan_becomes_the_one_of_the_file():
    """Earlier versions had a customer a plan; the shown plan's counts, the other plans' where it has none."""
    plans = [{"name": "a", "customer": "Aozora"}, {"name": "b"}, {"name": "c", "customer": "Midori"}]
    for active, customer in ((0, "Aozora"), (1, "Aozora"), (2, "Midori")):
        document = {"schema_version": 1, "active": active, "plans": plans}
        project = parse_project(json.dumps(document).encode(), "old.mitsumori")
        assert project.proposal.customer == customer
        assert parse_project(project.to_bytes(), "again") == project
    kept = {"schema_version": 1, "plans": plans, "proposal": {"customer": "Kita", "subject": "GPU"}}
    assert parse_project(json.dumps(kept).encode(), "new").proposal == Proposal(customer="Kita", subject="GPU")
    for broken in ({"proposal": 7}, {"proposal": {"colour": "red"}}, {"plans": [{"customer": 7}]}):
        with pytest.raises(Refusal):
            parse_project(json.dumps({"schema_version": 1, "plans": plans, **broken}).encode(), "old.mitsumori")


# --- killed at any moment


def test_thirty_kills_during_save_and_autosave_lose_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills.campaign", "--kills", "60", "--seed", "8"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert result["problems"] == []
    assert done.returncode == 0
    assert result["kills"] == 60
    assert result["between"] >= 15, "kills must hit programs in the middle of their work"


# --- disks that are full, folders that cannot be written, files that others change

SAVE_CALLS = ("open", "fdopen", "fsync", "replace")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", SAVE_CALLS)
def test_a_save_that_fails_at_any_step_leaves_the_old_file(tmp_path, monkeypatch, call, error):
    path = tmp_path / "見積 plan.mitsumori"
    save_project(a_project("old"), path)
    before = path.read_bytes()
    seen = []

    def failing(*arguments, **named):
        seen.append(arguments)
        if call == "fdopen":
            os.close(arguments[0])
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing)
        if call == "replace":  # the backup is made by a replacement too; the last one is the save's own
            patch.setattr(atomic, "_keep_backup", lambda path: None)
        with pytest.raises(OSError, match=os.strerror(error)):
            save_project(a_project("new"), path)
    assert seen
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    save_project(a_project("new"), path)
    assert load_project(path).plan.name == "new"


@pytest.mark.parametrize("call", ["link", "replace", "unlink"])
def test_a_backup_that_cannot_be_made_does_not_stop_the_save(tmp_path, monkeypatch, call):
    path = tmp_path / "plan.mitsumori"
    save_project(a_project("old"), path)
    true = getattr(os, call)

    def failing(*arguments, **named):
        if any(str(argument).endswith((".bak", ".bak.new")) for argument in arguments):
            raise OSError(errno.EPERM, "not permitted")
        return true(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing)
        save_project(a_project("new"), path)
    assert load_project(path).plan.name == "new"
    clean_leftovers(path, older_than_s=0)
    assert {item.name for item in tmp_path.iterdir()} <= {path.name, backup_of(path).name}


CHILD = """
import resource, signal, sys
from pathlib import Path
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, save_project
path, limit, user = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
project = Project(plans=tuple(Plan(name="new", notes={f"n{i}": "y" * 190 for i in range(100)}) for _ in range(4)))
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if user:
    import os
    os.setgid(user)
    os.setuid(user)
try:
    save_project(project, path)
except OSError as error:
    print(type(error).__name__, error.errno)
    sys.exit(3)
"""


def child(path: Path, limit: int = 0, user: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(limit), str(user)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_disk_that_fills_in_the_middle_of_a_save_leaves_the_old_file(tmp_path):
    """A real limit of the operating system after 20,000 of some 80,000 bytes."""
    path = tmp_path / "plan.mitsumori"
    save_project(a_project("old"), path)
    before = path.read_bytes()
    done = child(path, limit=20_000)
    assert done.returncode == 3, done.stderr
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    assert child(path).returncode == 0
    assert load_project(path).plan.name == "new"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_a_read_only_folder_refuses_and_leaves_the_old_file():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "plan.mitsumori"
        save_project(a_project("old"), path)
        before = path.read_bytes()
        path.chmod(0o444)
        folder.chmod(0o555)
        done = child(path, user=65534)
        assert done.returncode == 3, done.stderr
        assert done.stdout.split() == ["PermissionError", str(errno.EACCES)]
        assert path.read_bytes() == before
        assert [item.name for item in folder.iterdir()] == [path.name]


def test_a_change_by_another_program_shows_in_the_fingerprint(tmp_path):
    path = tmp_path / "計画.mitsumori"
    assert fingerprint(path) is None
    save_project(a_project("mine"), path)
    mine = fingerprint(path)
    assert fingerprint(path) == mine
    times = path.stat()
    theirs = path.read_bytes().replace(b"mine", b"thei")
    path.write_bytes(theirs)  # the same length, and the same times on a clock as coarse as that of a USB stick
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert fingerprint(path) != mine
    assert fingerprint(tmp_path) is None


def test_permissions_and_links_survive_a_save(tmp_path):
    path = tmp_path / "plan.mitsumori"
    old = os.umask(0o077)
    try:
        save_project(a_project("private"), path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600, "a customer's data is as private as the user's umask says"
    path.chmod(0o640)
    link = tmp_path / "link.mitsumori"
    link.symlink_to(path)
    save_project(a_project("through the link"), link)
    assert link.is_symlink()
    assert load_project(path).plan.name == "through the link"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_leftovers_of_killed_saves_go_and_others_stay(tmp_path):
    path = tmp_path / "plan.mitsumori"
    save_project(a_project(), path)
    ours = [tmp_path / ".plan.mitsumori.0123abcd.tmp", tmp_path / "plan.mitsumori.bak.new"]
    others = [tmp_path / ".plan.mitsumori.notes.tmp", tmp_path / ".other.0123abcd.tmp", tmp_path / "x.tmp"]
    for item in ours + others:
        item.write_bytes(b"half")
    assert clean_leftovers(path) == 0, "a save under way in another program is left alone"
    assert clean_leftovers(path, older_than_s=0) == 2
    assert not any(item.exists() for item in ours)
    assert all(item.exists() for item in others)


def test_a_file_cut_short_names_its_backup(tmp_path):
    path = tmp_path / "plan.mitsumori"
    save_project(a_project("first"), path)
    save_project(a_project("second"), path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Unreadable, match=r"plan\.mitsumori\.bak") as caught:
        load_project(path)
    assert "\n" not in str(caught.value)
    assert parse_project(backup_of(path).read_bytes(), "backup").plan.name == "first"


# --- names

NAMES = [
    "plan.mitsumori", "two  spaces .mitsumori", "見積もり（最終版）②.mitsumori", "𠮷野家 ｶﾞ ガ.mitsumori",
    "naïve – “x”.mitsumori",
    "مشروع.mitsumori", "📈🧊.mitsumori", "a'b\"c;d&e|f$(g)`h`.mitsumori", ".hidden", "no suffix", "-x", "%s{0}\\n.mitsumori",
    "長" * 70 + ".mitsumori", "n" * 251 + ".m", unicodedata.normalize("NFD", "プロジェクト") + ".mitsumori",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_saved_opened_and_recovered(tmp_path, name):
    folder = tmp_path / "客先 A/B社 100%".replace("/", " ")
    folder.mkdir()
    path = folder / name
    for title in ("first", "second"):
        save_project(a_project(title), path)
    assert load_project(path).plan.name == "second"
    copies = Copies(tmp_path / "copies")
    copies.write(a_project("unsaved"), path)
    assert Copies(tmp_path / "copies").abandoned() == [], "a running program's copy is not offered to another"
    end_without_closing(copies)
    (found,) = Copies(tmp_path / "copies").abandoned()
    assert found.origin == path
    assert found.project.plan.name == "unsaved"


@given(st.text(min_size=1, max_size=80))
def test_any_text_a_user_types_survives_a_file(text):
    plan = Plan(name=text[:200], notes={"money.usd_jpy": text[:200]})
    assert parse_project(Project(plans=(plan,)).to_bytes(), "x").plan == plan


# --- files that no program of ours wrote

HEAD = b'{"schema_version": 1, "plans": ['
BOMBS = {
    "a million unknown fields": HEAD + b"{" + b",".join(b'"a%d":0' % i for i in range(600_000)) + b"}]}",
    "a million lists": HEAD + b",".join([b"[]"] * 2_600_000) + b"]}",
    "a million brackets": HEAD + b"[" * 3_000_000,
    "a number of a million digits": HEAD + b'{"workload": {"tokens": ' + b"9" * 1_000_000 + b"}}]}",
    "too large": b" " * 8_000_001,
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_quickly_and_in_little_memory(data):
    plain = b"[" + BOMBS["a million lists"][len(HEAD) : -2] + b"]"
    started = os.times().user
    json.loads(plain)
    reference = os.times().user - started  # under a second on a machine that does nothing else
    started, before = os.times().user, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refusal) as caught:
        parse_project(data, "bomb.mitsumori")
    assert os.times().user - started < 5 * reference + 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kB
    assert len(str(caught.value)) < 300
    assert "set_int_max_str_digits" not in str(caught.value)


def test_text_full_of_brackets_is_no_deep_nesting():
    plan = Plan(notes={f"n{i}": "[" * 200 for i in range(20)})
    assert parse_project(Project(plans=(plan,)).to_bytes(), "x").plan == plan


def test_atomic_write_takes_relative_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomic(Path("plain.txt"), b"1", backup=True)
    write_atomic(Path("plain.txt"), b"2", backup=True)
    assert (Path("plain.txt").read_bytes(), Path("plain.txt.bak").read_bytes()) == (b"2", b"1")


if __name__ == "__main__":
    (FIXTURES / f"v{SCHEMA_VERSION}" / "defaults.json").write_text(
        json.dumps(all_defaults(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
