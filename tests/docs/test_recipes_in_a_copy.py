"""Recipes of CONTRIBUTING that change code, followed in a copy: what was added works, and few files of Python were touched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.recipe_copy import Copy


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


COOLING = """
[cooling.mist]
name_ja = "ミスト冷却"
name_en = "Mist cooling"
water_supply_c = 20
ladder = 3
air_cap_kw = 33
liquid_cap_kw = 0
liquid_fraction = 0
k_air = 0.2
[cooling.mist.prov]
air_cap_kw = ["assumed", "assumption"]
liquid_cap_kw = ["assumed", "assumption"]
liquid_fraction = ["assumed", "assumption"]
k_air = ["assumed", "assumption"]
water_supply_c = ["assumed", "assumption"]
"""


def test_a_cooling_option(copy: Copy) -> None:
    copy.append("resources/catalog/cooling.toml", COOLING)
    copy.replace("model/plan/parts.py", '"air", "containment",', '"air", "mist", "containment",')
    said = copy.run(
        """
from mitsumori.gui.words.results import cooling_name
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
plan = load_sample("llama3-70b-continual").plan.with_values({"facility.cooling": "mist"})
place = estimate(plan).facility
found = next(method for method in place.methods if method.cooling == "mist")
print(found.feasible, place.racks.value == found.racks, place.limits.air_limit_kw)
print(cooling_name("mist", Catalogue.shipped()))
"""
    )
    assert said.splitlines()[0] == "True True 33.0"
    assert "Mist cooling" in said
    assert len(copy.touched) <= 2


LAMPS = """
["facility.lamps"]
label = { en = "Lamps", ja = "照明" }
help = { en = "Lamps of the hall.", ja = "照明の数です。" }
slider = { kind = "linear", low = 0, high = 99 }
workbook = { format = "int", unit = "none" }
"""


def test_an_input(copy: Copy) -> None:
    """One row more in the table: window, explanation on hover, workbook, ``fields`` and refusals have it."""
    copy.replace(
        "model/plan/parts.py",
        '    cooling: CoolingName = "rear_door"\n',
        '    cooling: CoolingName = "rear_door"\n    lamps: Annotated[int, Number, Field(ge=0, le=99)] = 2\n',
    )
    copy.append("resources/inputs.toml", LAMPS)
    copy.replace(
        "gui/inputs/fields.py", '    Field("parallel.etp",', '    Field("facility.lamps"),\n    Field("parallel.etp",'
    )
    said = copy.run(
        """
from mitsumori.gui.inputs.explanation import explanation
from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.gui.inputs.refusals import sentence
from mitsumori.model.plan.inputs import fields_document
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.project import load_sample
from mitsumori.model.workbook import described
print(next(row for row in fields_document() if row["path"] == "facility.lamps"))
field = FIELDS["facility.lamps"]
print("row:", field.label(), field.kind, field.axis.high)
print("hover:", *explanation(field))
print(Plan().with_values({"facility.lamps": 7}).facility.lamps)
try:
    Plan().with_values({"facility.lamps": 100})
except PlanError as error:
    print(error)
    print("window:", sentence(error))
book, = described([load_sample("llama3-70b-continual").plan.with_values({"facility.lamps": 7})], "en")
cell = book.names["in_facility_lamps"]
sheet = book.sheets[cell.sheet]
print("cell:", cell.value, sheet.cells[cell.row, 1].value)
"""
    )
    assert "'label_en': 'Lamps'" in said
    assert "row: Lamps slider 99.0" in said
    assert "hover: Lamps of the hall." in said
    assert "0 to 99" in said
    assert "begins with 2" in said
    assert "\n7\n" in said
    assert "facility.lamps=100" in said
    assert "window: Lamps must be at most 99" in said
    assert "cell: 7 Lamps" in said
    assert len(copy.touched) <= 2


PERMITS = """
[permits]
owned = ["month"]
rule = "1,000 yen a server"
taxed = false
group = "tax_insurance"
label = { en = "permits", ja = "許認可" }
"""


def test_a_cost_line(copy: Copy) -> None:
    """An amount a month more: estimate, JSON, report, window and every formula of the workbook count it."""
    copy.append("resources/cost_lines.toml", PERMITS)
    copy.replace("model/cost/lines.py", '        "licenses": licenses / 12.0,\n',
                 '        "licenses": licenses / 12.0,\n        "permits": 1000.0 * case.servers,\n')  # fmt: skip
    copy.replace("model/workbook/estimate_cost.py", '    made["licenses"] = named_lines.software(book)\n',
                 '    made["licenses"] = named_lines.software(book)\n'
                 '    made["permits"] = book.line("line_permits", f"={cells[\'lock_servers\']}*1000", book.value(lines["permits"]))\n')  # fmt: skip
    said = copy.run(
        """
from pathlib import Path
import formualizer
from mitsumori.gui.words.results import cost_line_name
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.report.json_document import to_json
from mitsumori.model.report.text import estimate_text
from mitsumori.model.workbook import described, to_bytes
plan = load_sample("llama3-70b-continual").plan
result = estimate(plan)
amount = result.cost.onprem.lines["permits"].value
print(abs(amount / (1000 * plan.cluster.servers * plan.money.horizon_months) - 1) < 1e-9)
print(to_json(result, plan)["cost"]["onprem"]["lines"]["permits"] == amount)
print("permits" in estimate_text(plan, result, "en"), cost_line_name("permits") == "permits")
book, = described([plan], "en", "internal")
Path("book.xlsx").write_bytes(to_bytes(book))
engine = formualizer.load_workbook("book.xlsx")
engine.evaluate_all()
wrong, counted = [], 0
for sheet in book.sheets.values():
    for cell in sheet.cells.values():
        if cell.formula and type(cell.value) in (int, float):
            counted += 1
            got = engine.get_value(sheet.title, cell.row, cell.column)
            if not isinstance(got, (int, float)) or abs(got - cell.value) > 1e-6 * abs(cell.value) + 1e-5:
                wrong.append((cell.ref, cell.name, got, cell.value))
print(counted > 1000, wrong[:5])
print(book.names["out_cost_onprem_lines_permits"].value == amount)
"""
    )
    assert said.split("\n")[:6] == ["True", "True", "True True", "True []", "True", ""]
    assert len(copy.touched) <= 2


SECOND_SEQUENCE_TERM = '''"""Traffic of a second axis that divides a sequence: keys and values, as those of the first."""

from __future__ import annotations

from mitsumori.model.base.arrays import Num, pick, real
from mitsumori.model.kernels.collectives import context_bytes
from mitsumori.model.training.terms.setting import Setting


def exchange_s(s: Setting) -> Num:
    """Exposed seconds of a micro-batch through the whole model."""
    parts = real(s.parallel.xp)
    sent = context_bytes(s.heads, s.kv_heads, s.qk_dim, parts, s.t, s.tokens, s.habits.kernels.context)
    return (s.dense + s.moe) * pick(parts > 1, sent * s.constants["cp_exposed"] / s.machine.nic, 0.0)
'''


def test_a_parallel_axis(copy: Copy) -> None:
    """A second axis ``xp`` that divides the sequence: memory, time, search, results, words, workbook and window know it."""
    copy.replace("model/base/format.py", '"ep", "etp")', '"ep", "etp", "xp")')
    axes = "model/architecture/parallelism.py"
    copy.replace(axes, 'SEQUENCE_AXES: Final = ("cp",)', 'SEQUENCE_AXES: Final = ("cp", "xp")')
    copy.replace(axes, "    etp: int\n", "    etp: int\n    xp: int\n")
    copy.replace(axes, "    etp: Num = 1\n", "    etp: Num = 1\n    xp: Num = 1\n")
    bound = "Annotated[int, Number, Field(ge=1, le=4096)] = 1\n"
    copy.replace("model/plan/parts.py", f"    etp: {bound}", f"    etp: {bound}    xp: {bound}")
    entry = '\n["parallel.xp"]\nlabel = { en = "Second context size", ja = "第 2 コンテキスト並列" }\n'
    copy.append("resources/inputs.toml", entry + 'help = { en = "Ranks.", ja = "ランク数です。" }\n')
    for key in ("layout_xp", "layout_short_xp"):
        copy.append("resources/messages/workbook.toml", f'\n[{key}]\nja = "XP"\nen = "XP"\n')
    copy.replace(
        "model/search/candidates.py",
        "    etp: tuple[int, ...] = (1,)\n",
        "    etp: tuple[int, ...] = (1,)\n    xp: tuple[int, ...] = (1,)\n",
    )
    copy.append("model/training/terms/second_sequence.py", SECOND_SEQUENCE_TERM)
    step = "model/training/step.py"
    copy.replace(
        step, "optimizer, pipeline, recompute, tensor", "optimizer, pipeline, recompute, second_sequence, tensor"
    )
    copy.replace(
        step, "tensor_parallel.context_s(s)\n", "tensor_parallel.context_s(s) + second_sequence.exchange_s(s)\n"
    )
    copy.replace(
        "gui/inputs/fields.py",
        '    Field("parallel.etp",',
        '    Field("parallel.xp", more=True),\n    Field("parallel.etp",',
    )
    said = copy.run(
        """
from mitsumori.gui.inputs import fields
from mitsumori.model.base.format import layout
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.study.grid import RESULTS
from mitsumori.model.study.ranking import LAYOUT_FIELDS, advise
from mitsumori.model.workbook import build
fixed = {"parallel.auto": False, "parallel.tp": 8, "parallel.pp": 1, "parallel.cp": 1}
plan = load_sample("llama3-70b-continual").plan.with_values(fixed)
more = plan.with_values({"parallel.xp": 2})
whole, halved = estimate(plan), estimate(more)
print(halved.training.parallel.xp, whole.training.parallel.dp / halved.training.parallel.dp)
print(layout(halved.training.parallel))
print("xp" in RESULTS, "xp" in LAYOUT_FIELDS, advise(plan, top=1).options[0].parallel.xp)
one, two = whole.memory.per_gpu, halved.memory.per_gpu
print(two.activations_bytes.value / one.activations_bytes.value, two.optimizer_bytes.value / one.optimizer_bytes.value)
traffic = halved.training.details.communication_s.cp, whole.training.details.communication_s.cp
print(traffic[0] > traffic[1] == 0.0)
a, b = (item.training.breakdown_s.compute.value for item in (whole, halved))
print(b / a)
checks = [cell for cell in build(more, halved, "en").sheets["checks"].cells.values() if cell.formula and cell.value is False]
print(len(checks))
"""
    )
    first, words, listed, memory, traffic, compute, failed = said.splitlines()
    assert first == "2 2.0"
    assert "XP 2" in words
    assert listed == "True True 1"
    saved, states = map(float, memory.split())
    assert saved == pytest.approx(0.5, rel=0.1), "half the tokens of a micro-batch on a GPU"
    assert states == pytest.approx(1.0), "the states are shared by as many GPUs as before"
    assert traffic == "True"
    assert float(compute) == pytest.approx(1.0, rel=0.2), "twice the micro-batches of half the tokens each"
    assert failed == "0"
    assert len(copy.touched) <= 8


def test_a_language(copy: Copy) -> None:
    """A column more in every table of texts, and its code in one place; Linguist's catalogue and a guide come beside."""
    for path in sorted((copy.top / "resources").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        string = r'"(?:[^"\\]|\\.)*"'
        more = re.sub(rf"\{{ en = ({string}), ja = ", lambda found: f"{{ en = {found[1]}, fr = {found[1]}, ja = ", text)
        if more != text:
            path.write_text(more, encoding="utf-8")
    copy.replace("resources/messages/report.toml", 'fr = "support racks"', 'fr = "baies de service"')
    copy.replace("model/base/messages.py", 'Literal["ja", "en"]', 'Literal["ja", "en", "fr"]')
    times = '"fr": (("ans", "an"), ("jours", "jour"), ("heures", "heure"), ("minutes", "minute"), ("s", "s")),'
    copy.replace("model/base/format.py", "_DURATIONS = {", f"_DURATIONS = {{\n    {times}")
    said = copy.run(
        """
from mitsumori.gui.words.translation import language, set_language
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample
from mitsumori.model.report.text import estimate_text
plan = load_sample("llama3-70b-continual").plan.with_values({"language": "fr"})
print(estimate_text(plan, estimate(plan), plan.language))
set_language("fr")
print(language())
from mitsumori.model.cli import main
main(["estimate", "llama2-7b-sft", "--lang", "fr"])
"""
    )
    assert said.count("baies de service") == 2
    assert "\nfr\n" in said
    assert " jours" in said
    assert len(copy.touched) <= 2


FORMAT = '''"""Lines of another tool: ``gpus=...`` and ``micro=...``."""

from __future__ import annotations

from mitsumori.model.formats.imported import Imported, Origin


def recognised(text: str) -> int:
    return 9 * text.startswith("@mine")


def read(text: str, origin: Origin) -> Imported:
    pairs = dict(line.split("=") for line in text.splitlines()[1:])
    return Imported("mine", {"parallel.micro_batch": int(pairs["micro"])}, accelerators=int(pairs["gpus"]))
'''


def test_a_format(copy: Copy) -> None:
    copy.append("model/formats/mine.py", FORMAT)
    copy.replace(
        "model/formats/__init__.py",
        "    deepspeed,\n",
        "    deepspeed,\n    mine,\n",
    )
    copy.replace(
        "model/formats/__init__.py",
        '    "megatron": (megatron.rec',
        '    "mine": (mine.recognised, mine.read),\n    "megatron": (megatron.rec',
    )
    said = copy.run(
        """
from mitsumori.model.formats import read_configuration
from mitsumori.model.plan.plan import Plan
found = read_configuration("@mine\\ngpus=16\\nmicro=2")
after = found.apply(Plan())
print(found.format, after.cluster.servers, after.parallel.micro_batch)
"""
    )
    assert said.split() == ["mine", "2", "2"]
    assert len(copy.touched) <= 2


CHART = '''"""Servers as one bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from mitsumori.gui.charts.base import Chart
from mitsumori.gui.charts.painting import bar
from mitsumori.gui.tables.columns import Table


class ServerBar(Chart):
    def set_data(self, servers: int) -> None:
        self.servers = servers
        self.shown(servers)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        bar(painter, rect, "accent", 0)
        self.mark(rect, f"{self.servers} servers")

    def table(self) -> Table:
        return Table(("", "Servers"), (("plan", str(self.servers)),))
'''
TAB = '''"""A tab of one card."""

from __future__ import annotations

from mitsumori.gui.charts.mine import ServerBar
from mitsumori.gui.tabs.base import Tab


class MineTab(Tab):
    def build(self) -> None:
        self.bar = ServerBar()
        self.bar_card = self.card(self.bar)
        self.column.addWidget(self.bar_card)

    def refresh(self) -> None:
        self.bar.set_data(self.plan.cluster.servers)
        self.bar_card.set_texts("Servers of the plan")
'''


def test_a_tab_and_a_chart(copy: Copy) -> None:
    """A module of its own each, and one line: the window shows it, its table is copied, its picture is painted."""
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    copy.append("gui/charts/mine.py", CHART)
    copy.append("gui/tabs/mine.py", TAB)
    line = '("mine", marked("Tabs", "Mine"), "mitsumori.gui.tabs.mine:MineTab"),'
    copy.replace("gui/tabs/__init__.py", '    ("racks", marked', f'    {line}\n    ("racks", marked')
    said = copy.run(
        """
import os, sys, time
from PySide6.QtWidgets import QApplication
app = QApplication([])
from mitsumori.gui.store import PlanStore
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.window import Window
from mitsumori.model.plan.project import Project, load_sample
plan = load_sample("llama3-70b-continual").plan
window = Window(PlanStore(plan))
window.resize(1400, 900)
window.open_project(Project(plans=(plan,)))
window.show()
end = time.monotonic() + 60
while window.store.estimate is None and time.monotonic() < end:
    app.processEvents()
window.show_tab("mine")
for _ in range(20):
    app.processEvents()
tab = window.tabs["mine"]
print(tab.bar_card.title, tab.bar.table().rows[0][1] == str(plan.cluster.servers))
image = tab.bar_card.picture(1.0)
found = {image.pixelColor(x, image.height() // 2).name() for x in range(0, image.width(), 8)}
print(theme().color("accent").name() in found)
print([window.tab_row.tabText(i) for i in range(window.tab_row.count())])
sys.stdout.flush()
os._exit(0)
"""
    )
    assert said.startswith("Servers of the plan True\nTrue\n")
    assert "'Mine'" in said
    assert len(copy.touched) <= 3
