"""Two programs, two files and any order of editing, copying, saving, crashing, recovering and leaving: no work is lost.

A stateful test: the machine keeps by hand what every file must hold, and compares after every step.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mitsumori.model.base.files import backup_of, fingerprint
from mitsumori.model.plan.autosave import Copies
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_project, save_project

PROGRAMS = st.sampled_from([0, 1])
FILES = st.sampled_from(["見積 A.mitsumori", "b.mitsumori"])


@dataclass
class Program:
    """One running window: what it shows, the file it belongs to, and its copy of unsaved work."""

    copies: Copies
    text: str
    origin: Path | None = None
    seen: str | None = None
    saved: str | None = None
    copied: str | None = None
    copied_origin: Path | None = None


@dataclass
class Left:
    """Unsaved work a crash left behind."""

    text: str
    origin: Path | None = None


class Desk(RuleBasedStateMachine):
    """Two windows over one folder of projects and one folder of copies."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="desk with spaces "))
        self.count = 0
        self.programs = [self.started(), self.started()]
        self.left: list[Left] = []
        self.on_disk: dict[Path, str] = {}
        self.backups: dict[Path, str] = {}

    def started(self) -> Program:
        self.count += 1
        return Program(Copies(self.root / "copies"), f"new {self.count}")

    def teardown(self) -> None:
        for program in self.programs:
            program.copies.close()
        shutil.rmtree(self.root)

    @staticmethod
    def project(text: str) -> Project:
        return Project(plans=(Plan(name=text),))

    @rule(which=PROGRAMS)
    def edit(self, which: int) -> None:
        self.count += 1
        self.programs[which].text = f"work {self.count}"

    @rule(which=PROGRAMS)
    def copy(self, which: int) -> None:
        program = self.programs[which]
        program.copies.write(self.project(program.text), program.origin)
        program.copied, program.copied_origin = program.text, program.origin

    @rule(which=PROGRAMS, name=FILES)
    def save(self, which: int, name: str) -> None:
        program, path = self.programs[which], self.root / name
        changed_elsewhere = program.origin == path and program.seen != fingerprint(path)
        last_writer = self.on_disk.get(path)
        if program.origin == path and program.seen is not None:
            # the fingerprint tells whether somebody else wrote the file since this program saw it
            assert changed_elsewhere == (last_writer != program.saved)
        save_project(self.project(program.text), path)
        if last_writer is not None:
            self.backups[path] = last_writer
        self.on_disk[path] = program.text
        program.copies.drop()
        program.origin, program.seen, program.copied, program.copied_origin = path, fingerprint(path), None, None
        program.saved = program.text

    @rule(which=PROGRAMS)
    def crash(self, which: int) -> None:
        """The system releases a dead program's lock; its files stay. The next start has a session of its own."""
        program = self.programs[which]
        if program.copies._lock is not None:
            os.close(program.copies._lock)
            program.copies._lock = None
        if program.copied is not None:
            self.left.append(Left(program.copied, program.copied_origin))
        self.programs[which] = self.started()

    @rule(which=PROGRAMS)
    def leave(self, which: int) -> None:
        self.programs[which].copies.close()
        self.programs[which] = self.started()

    @precondition(lambda self: self.left)
    @rule(which=PROGRAMS, wanted=st.booleans(), data=st.data())
    def recover(self, which: int, wanted: bool, data: st.DataObject) -> None:
        """At its start a program is offered what crashes left: one is taken over, or not wanted and gone."""
        self.leave(which)
        program = self.programs[which]
        offered = sorted(program.copies.abandoned(), key=lambda copy: copy.project.plan.name)
        chosen = data.draw(st.sampled_from(offered))
        (known,) = (left for left in self.left if left.text == chosen.project.plan.name)
        self.left.remove(known)
        if not wanted:
            program.copies.discard(chosen)
            return
        program.copies.adopt(chosen)
        program.text = program.copied = known.text
        program.origin = program.copied_origin = known.origin

    @invariant()
    def every_file_is_whole_and_the_last_saved(self) -> None:
        for path, text in self.on_disk.items():
            assert load_project(path).plan.name == text
        for path, text in self.backups.items():
            assert load_project(backup_of(path)).plan.name == text
        names = {path.name for path in self.root.iterdir()} - {"copies"}
        kept = {path.name for path in self.on_disk} | {backup_of(path).name for path in self.backups}
        assert names == kept

    @invariant()
    def what_crashed_is_offered_and_nothing_else(self) -> None:
        """From either program, and from one that just starts: the others' living copies are never offered."""
        expected = sorted((left.text, str(left.origin)) for left in self.left)
        for copies in (*(program.copies for program in self.programs), Copies(self.root / "copies")):
            found = [(copy.project.plan.name, str(copy.origin)) for copy in copies.abandoned()]
            assert sorted(found) == expected

    @invariant()
    def every_living_copy_is_whole(self) -> None:
        for program in self.programs:
            if program.copied is None:
                assert not program.copies.path.exists()
            else:
                assert load_project(program.copies.path).plan.name == program.copied


Desk.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestDesk = Desk.TestCase
