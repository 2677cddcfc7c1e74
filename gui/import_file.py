"""Workbooks that came back and other tools' configurations, as a scenario of the project that is open."""

from __future__ import annotations

from pathlib import Path

from gui.i18n import language
from model.plan import Plan
from model.project import MAX_PLANS, Project
from model.refusal import Refusal

MOST_BYTES = 50_000_000
CONFIGURATIONS = (".json", ".toml", ".sh", ".txt", ".yaml", ".yml", ".args")


def import_file(path: Path, project: Project | None) -> tuple[Project, tuple[str, ...]]:
    """A project with the file's plan shown, and remarks on what was taken over and what was not.

    The plan starts from the plan shown; it becomes another scenario where a project is open.

    Raises
    ------
    Refusal
        With one sentence, when the file cannot be read or is neither.
    """
    base = Plan(language=language()) if project is None else project.plan
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Refusal(f"{path.name} is larger than {MOST_BYTES:,} bytes.")
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path.name} cannot be read: {error.strerror or error}.") from None
    if data[:2] == b"PK":
        from model.workbook.read import read_inputs

        returned = read_inputs(path, base)
        plan, remarks = returned.apply(base), returned.report(language())
    else:
        from model.catalog import Catalogue
        from model.formats import read_configuration

        catalogue = Catalogue.shipped().with_records({} if project is None else project.catalogue)
        imported = read_configuration(data, path.name, catalogue)
        plan, remarks = imported.apply(base, catalogue), imported.report(base, language(), catalogue)
    named = plan.with_values({"name": path.stem[:60]})
    if project is None:
        return Project(plans=(named,)), tuple(remarks)
    if len(project.plans) >= MAX_PLANS:
        raise Refusal(f"The project has {MAX_PLANS} scenarios already; remove one first.")
    plans = (*project.plans, named)
    return project.model_copy(update={"plans": plans, "active": len(plans) - 1}), tuple(remarks)
