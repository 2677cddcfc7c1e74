"""Copies beside the project file: offered once, never lost."""

from __future__ import annotations

import errno
import os
import shutil

import pytest

from mitsumori.model.plan.autosave import Copies
from tests.model.project_files import a_project, end_without_closing


def test_a_copy_is_offered_once_and_never_lost_on_the_way(tmp_path):
    first = Copies(tmp_path)
    first.write(a_project("work"), None)
    end_without_closing(first)
    second = Copies(tmp_path)
    (found,) = second.abandoned()
    assert found.origin is None
    second.adopt(found)
    assert Copies(tmp_path).abandoned() == []
    end_without_closing(second)  # killed again before anything was saved
    (again,) = Copies(tmp_path).abandoned()
    assert again.project.plan.name == "work"
    third = Copies(tmp_path)
    third.discard(again)
    third.close()
    assert third.abandoned() == []


def test_a_copy_taken_over_brings_its_own_origin_or_none(tmp_path):
    """Work that was never saved must not come back as that of the file the program showed before: saving would overwrite it."""
    crashed = Copies(tmp_path)
    crashed.write(a_project("never saved"), None)
    end_without_closing(crashed)
    program = Copies(tmp_path)
    program.write(a_project("of a file"), tmp_path / "a.mitsumori")
    (found,) = program.abandoned()
    program.adopt(found)
    end_without_closing(program)
    (again,) = Copies(tmp_path).abandoned()
    assert (again.project.plan.name, again.origin) == ("never saved", None)


def test_saving_drops_the_copy_and_closing_leaves_nothing(tmp_path):
    copies = Copies(tmp_path / "deep" / "folder")
    copies.write(a_project("one"), tmp_path / "a.mitsumori")
    copies.write(a_project("two"), None)
    assert not list(copies.folder.glob("*.origin"))
    copies.drop()
    assert not copies.path.exists()
    copies.write(a_project("three"), tmp_path / "b.mitsumori")
    copies.close()
    assert list(copies.folder.iterdir()) == []


def test_the_newest_copy_comes_first_and_an_unreadable_one_is_set_aside(tmp_path):
    for index, name in enumerate(("old", "new")):
        copies = Copies(tmp_path)
        os.utime(copies.write(a_project(name)), (1000 + index, 1000 + index))
        end_without_closing(copies)
    broken = tmp_path / "0123.mitsumori"
    broken.write_bytes(b'{"schema_version": 1, "plans": [{"na')
    assert [copy.project.plan.name for copy in Copies(tmp_path).abandoned()] == ["new", "old"]
    assert not broken.exists()
    assert broken.with_suffix(".unreadable").exists()


def test_copies_in_a_folder_that_cannot_be_made_say_so(tmp_path):
    (tmp_path / "file").write_text("x")
    copies = Copies(tmp_path / "file" / "folder")
    with pytest.raises(OSError, match="file"):
        copies.write(a_project())
    assert copies.abandoned() == []
    copies.close()


def test_a_copy_that_fails_leaves_the_previous_one(tmp_path, monkeypatch):
    copies = Copies(tmp_path)
    copies.write(a_project("before"))

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            copies.write(a_project("after"))
    end_without_closing(copies)
    assert [copy.project.plan.name for copy in Copies(tmp_path).abandoned()] == ["before"]


@pytest.mark.parametrize("left", ["nothing", "a file in its place", "the folder alone"])
def test_copies_go_on_after_somebody_emptied_their_folder(tmp_path, left):
    """A cleaner of the user's data took folder and lock away: no copy was written any more until the program ended."""
    folder = tmp_path / "copies"
    program = Copies(folder)
    program.write(a_project("before"), tmp_path / "a.mitsumori", "known")
    shutil.rmtree(folder)
    if left == "a file in its place":
        folder.write_text("")
        with pytest.raises(OSError, match=r"."):
            program.write(a_project("meanwhile"), tmp_path / "a.mitsumori", "known")
        folder.unlink()
    elif left == "the folder alone":
        folder.mkdir()
    program.write(a_project("after"), tmp_path / "a.mitsumori", "known")
    assert Copies(folder).abandoned() == [], "another program takes it for that of a running one"
    end_without_closing(program)
    (found,) = Copies(folder).abandoned()
    assert (found.project.plan.name, found.origin, found.known) == ("after", tmp_path / "a.mitsumori", "known")
