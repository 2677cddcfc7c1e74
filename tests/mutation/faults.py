"""Faults that users found in the window, put back one by one in a copy of the tree: its tests must fail.

``python -m tests.mutation.faults [A1 B3 ...]`` makes the copy, undoes one mending at a time and runs the tests that hold the
fault. What each fault was stands in the docstrings of those tests; where the others of its kind are held,
tests/gui/test_findings_of_a_user.py says.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutation.campaign import LEFT_BEHIND, ROOT, environment


@dataclass(frozen=True)
class Fault:
    """A mending and how to undo it: ``mended`` stands once in ``file`` and becomes ``broken``; ``tests`` must notice."""

    name: str
    file: str
    mended: str
    broken: str
    tests: tuple[str, ...]


FAULTS: Final = (
    Fault('A1', 'gui/undo.py',
          '        return State(tuple(plans), self.active)\n\n\ndef differing',
          '        return self.with_plan(self.plan.with_values({path: code}))\n\n\ndef differing',
          ('tests/gui/test_money_views.py',)),
    Fault('A2', 'model/estimate/deadline.py',
          '        return [Finding("deadline_late"',
          '        return [] and [Finding("deadline_late"',
          ('tests/gui/test_deadline_view.py', 'tests/model/test_deadline.py')),
    Fault('A3', 'model/base/dates.py',
          '    if len(text) > 60:\n        return None\n',
          '    return dt.date.fromisoformat(text)\n',
          ('tests/gui/test_deadline_view.py',)),
    Fault('A4', 'model/plan/prices.py',
          '    gone, back = aside.pop(was, {}), aside.pop(now, {})',
          '    return\n    gone, back = aside.pop(was, {}), aside.pop(now, {})',
          ('tests/gui/test_missing_sheet.py', 'tests/gui/test_exchange_and_back.py')),
    Fault('A5', 'model/study/trade_offs.py',
          '        firm = [axis != "cost" or not point.weak for',
          '        firm = [True for',
          ('tests/gui/test_tabs_advisor_trade.py',)),
    Fault('A6', 'model/cost/guides.py',
          '        return _server(inputs)\n',
          '        return None\n',
          ('tests/gui/test_missing_sheet.py',)),
    Fault('A7', 'model/cost/clouds.py',
          '            not row.in_japan,\n',
          '            False,\n',
          ('tests/gui/test_swaps_and_clouds.py', 'tests/model/test_clouds.py')),
    Fault('A8', 'gui/tabs/use_switch.py',
          'ask({"workload.use": use})',
          'ask({})',
          ('tests/gui/test_use_of_the_cost.py',)),
    Fault('A9', 'gui/dialogs/export.py',
          'for plan in store.plans if whole and plan is not store.plan))',
          'for plan in store.plans if False))',
          ('tests/gui/test_findings_of_a_user.py',)),
    Fault('A10', 'gui/panes.py',
          'wanted.boundedTo(room).expandedTo',
          'wanted.expandedTo',
          ('tests/gui/test_compact.py',)),
    Fault('B1', 'model/study/goal_seek.py',
          'measured=replace(result.measured, chance=chance)',
          'measured=result.measured',
          ('tests/gui/test_findings_of_a_user.py',)),
    Fault('B2', 'gui/headline.py',
          'missing = len(missing_inputs(estimate))',
          'missing = len([p for p in missing_inputs(estimate) if "works" not in p])',
          ('tests/gui/test_money_views.py',)),
    Fault('B3', 'gui/words/totals.py',
          'marked_parts(parts, cost.weak_on(side), bool(cost.left_out(side)))\n\n\ndef marked_parts',
          'marked_parts(parts, cost.weak_on(side), False)\n\n\ndef marked_parts',
          ('tests/gui/test_money_views.py',)),
    Fault('B4', 'gui/inputs/row.py',
          '        if self._standard is not None and (self._value is None or decided):',
          '        if False and (self._value is None or decided):',
          ('tests/gui/test_standards.py',)),
    Fault('B5', 'gui/widgets/paint.py',
          '    metrics = theme().metrics(px, weight)\n    head, dot',
          '    metrics = theme().metrics(px, weight)\n    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room))\n    head, dot',
          ('tests/gui/test_names_whole.py',)),
    Fault('B6', 'gui/inputs/fields.py',
          'Field("cluster.server", choices=choices.servers, searched=True, key',
          'Field("cluster.server", choices=choices.servers, key',
          ('tests/gui/test_long_lists.py',)),
    Fault('B7', 'gui/project_files.py',
          '        self._store.undo_stack.clear()\n        self._drop_copy()\n        self.settled',
          '        self._drop_copy()\n        self.settled',
          ('tests/gui/test_start_and_export.py',)),
    Fault('B8', 'gui/workspace.py',
          '        self.findings.set_expanded(False)\n        tabs, self.tabs',
          '        return\n        tabs, self.tabs',
          ('tests/gui/test_findings_of_a_user.py',)),
    Fault('B9', 'gui/workspace.py',
          '        self.notices.clicked(before, changes)',
          '        pass',
          ('tests/gui/test_missing_sheet.py', 'tests/gui/test_plot.py')),
    Fault('B10', 'gui/present/mode.py',
          '        if self.trial and store.undo_stack.count() >= self._mark:',
          '        if False:',
          ('tests/gui/test_present.py',)),
    Fault('B11', 'gui/words/translation.py',
          '    return error.text(_language) if',
          "    return error.text('en') if",
          ('tests/gui/test_one_language.py', 'tests/gui/test_refused_in_words.py', 'tests/gui/test_inputs.py')),
    Fault('B12', 'gui/tabs/scenario_table.py',
          'even_month(v), translate("Compare", "mo")),\n        None,\n',
          'even_month(v), translate("Compare", "mo")),\n        True,\n',
          ('tests/gui/test_sentences.py',)),
    Fault('B13', 'model/facility/findings.py',
          'cheapest.racks == chosen.racks:\n        code = ',
          'cheapest.racks == chosen.racks and False:\n        code = ',
          ('tests/gui/test_sentences.py',)),
    Fault('B14', 'gui/charts/days_curve.py',
          '    per_day = max(1.0, duration_scale(days * 86400.0))',
          '    per_day = 1.0',
          ('tests/gui/test_names_whole.py',)),
    Fault('B15', 'gui/tables/columns.py',
          '        if self.value is not None:\n            return f',
          '        if False:\n            return f',
          ('tests/gui/test_copying.py', 'tests/gui/test_tables.py', 'tests/gui/test_every_chart.py')),
    Fault('B16', 'gui/inputs/explanation.py',
          '    def take(self, row: InputRow) -> None:',
          '    def take(self, row: InputRow) -> None:\n        return\n\n    def _take(self, row: InputRow) -> None:',
          ('tests/gui/test_explanations.py',)),
    Fault('B17', 'resources/i18n/mitsumori_tabs_ja.ts',
          '<translation>最適化</translation>',
          '<translation>提案</translation>',
          ('tests/gui/test_sentences.py',)),
    Fault('B18', 'model/cost/factors.py',
          '    own = entered(money, inputs)\n',
          '    own = frozenset()\n',
          ('tests/model/test_cost_sensitivity.py',)),
    Fault('B19', 'gui/actions.py',
          '(Standard.Quit, "Ctrl+Q")',
          '()',
          ('tests/gui/test_actions.py',)),
    Fault('B20', 'gui/workspace.py',
          'not self.presenting and self.close_findings():',
          'not self.presenting and False:',
          ('tests/gui/test_findings_panel.py',)),
    Fault('B21', 'gui/dialogs/export.py',
          '        (translate("Export", "Open"), lambda: show(path)),\n',
          '',
          ('tests/gui/test_findings_panel.py', 'tests/gui/test_start_and_export.py')),
    Fault('B22', 'gui/widgets/accessible.py',
          '        return self._slider.value_text() if which == Text.Value else super().text(which)',
          '        return super().text(which)',
          ('tests/gui/test_accessible_controls.py',)),
    Fault('B23', 'gui/start/questions.py',
          '{"workload.stage": "lora", "workload.tokens": 200e6}',
          '{"workload.stage": "sft", "workload.tokens": 200e6}',
          ('tests/gui/test_start_and_export.py', 'tests/gui/test_start_page.py')),
)  # fmt: skip


def main() -> int:
    """Put back the faults named, or all; the exit status counts those that nobody noticed."""
    wanted, unnoticed = sys.argv[1:], 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        for fault in FAULTS:
            if not wanted or fault.name in wanted:
                noticed = seen(fault, copy)
                unnoticed += not noticed
                sys.stdout.write(f"{fault.name}: {'noticed' if noticed else 'NOT noticed'}\n")
                sys.stdout.flush()
    return unnoticed


def seen(fault: Fault, copy: Path) -> bool:
    """Whether the tests of a fault fail where it is put back in a copy of the tree."""
    path = copy / fault.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(fault.mended, fault.broken), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *fault.tests]
    done = subprocess.run(command, cwd=copy, env=environment(copy), capture_output=True, text=True, check=False)
    path.write_text(text, encoding="utf-8")
    return done.returncode == 1


if __name__ == "__main__":
    sys.exit(main())
