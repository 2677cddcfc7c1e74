"""What is fuzzed and what is promised: each target takes bytes and raises nothing but a one-sentence Refusal.

A target returns True when it accepted the input; then it has also checked that the input survives a round trip or gives
results that are finite. Seeds are real files, from which :mod:`tests.fuzz.mutate` makes hostile ones.
"""

from __future__ import annotations

import functools
import importlib.util
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitsumori import resources
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import parse_project, sample_names

CORPUS = Path(__file__).parent / "seeds"
CONFIGS = Path(__file__).parents[1] / "model" / "fixtures" / "formats"


class Broken(AssertionError):
    """A promise is broken though nothing else was raised."""


def check_sentence(refusal: Refusal) -> None:
    """One sentence, of a length that fits a screen, with no trace of how the program is made."""
    text = str(refusal)
    if not text or "\n" in text.strip() or len(text) > 700 or text.strip()[-1] not in ".?!":
        raise Broken(f"not one sentence: {text!r:.900}")
    for trace in ("Traceback", "object at 0x", "pydantic", "NoneType", "instance of", "errors.pydantic.dev"):
        if trace in text:
            raise Broken(f"speaks of the program's inside: {text!r:.900}")


# --- project files


def project(data: bytes) -> bool:
    """Open a project file; what opens saves and opens again as the same."""
    opened = parse_project(data, "case.mitsumori")
    again = parse_project(opened.to_bytes(), "case.mitsumori")
    if again != opened:
        raise Broken("the project changed when it was saved")
    Catalogue.shipped().with_records(opened.catalogue)
    return True


def estimated(data: bytes) -> bool:
    """Open a project file and estimate its active plan: every valid plan has an estimate, in finite numbers."""
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.report.json_document import to_json

    opened = parse_project(data, "case.mitsumori")
    catalogue = Catalogue.shipped().with_records(opened.catalogue)
    result = estimate(opened.plan, catalogue=catalogue, corrections=opened.corrections)
    json.dumps(to_json(result, opened.plan), allow_nan=False)
    for finding in result.findings:
        for language in ("ja", "en"):
            finding.message(language)
            for remedy in finding.remedies:
                remedy.label(language)
    return True


@functools.cache
def _samples() -> tuple[bytes, ...]:
    made = [resources.read_text("samples", f"{name}.mitsumori").encode() for name in sample_names()]
    everything = Plan(name="all fields").model_dump(mode="json")
    own = {"servers": {"my server": {"base": "HPE-XD670", "max_power_kw": 9.9}}}
    two = {
        "schema_version": 1,
        "active": 0,
        "plans": [everything, {"cluster": {"servers": 4}}],
        "catalogue": own,
        "corrections": [
            {"name": "run", "date": "2026-01-01", "tokens_per_s_per_gpu": 9000, "inputs": {"cluster": {"servers": 1}}}
        ],
    }
    return (*made, json.dumps(two).encode())


# --- rows of measured runs


def runs(data: bytes) -> bool:
    """Read a CSV of runs and predict its rows: every row is predicted or says why not."""
    from mitsumori.model.calibration.backtest import evaluate
    from mitsumori.model.calibration.runs import parse

    rows = parse(_decoded(data), "runs.csv")
    report = evaluate(rows[:4])
    if len(report.rows) != len(rows[:4]):
        raise Broken("a row was dropped")
    for row in report.rows:
        if row.predicted is None and not row.skipped_because:
            raise Broken("a row is neither predicted nor skipped with a reason")
    json.dumps(report.to_json(), allow_nan=False)
    report.text()
    return True


def _decoded(data: bytes) -> str:
    """As :func:`model.calibration.runs.load` reads a file."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"it cannot be read as a CSV file of runs: {error}.") from None


@functools.cache
def _runs() -> tuple[bytes, ...]:
    lines = resources.read_text("runs", "runs.csv").splitlines()
    head, body = lines[0], lines[1:]
    picked = [body[index] for index in range(0, len(body), max(1, len(body) // 30))]
    user = "id,model,gpu,gpus,seq_len,mbs,gbs_seqs,tp,pp,precision,tokens_per_s_per_gpu,peak_gib\n"
    user += "a,Llama-3 8B,H100,8,8192,1,128,1,1,bf16,12000,61.2\n"
    return (user.encode(), *("\n".join((head, row)).encode() for row in picked))


# --- configurations of other tools


def configuration(data: bytes) -> bool:
    """Read another tool's configuration and put it into a plan."""
    from mitsumori.model.formats import read_configuration

    catalogue = Catalogue.shipped()
    imported = read_configuration(data, "config.json", catalogue)
    plan = imported.apply(Plan(), catalogue)
    imported.report(Plan(), "ja", catalogue)
    imported.report(Plan(), "en", catalogue)
    if Plan.from_dict(plan.to_dict()) != plan:
        raise Broken("the imported plan is not a valid plan")
    return True


MEGATRON = b"""torchrun --nproc_per_node 8 --nnodes 4 pretrain_gpt.py --num-layers 32 --hidden-size 4096
 --num-attention-heads 32 --ffn-hidden-size 11008 --seq-length 4096 --max-position-embeddings 4096 --micro-batch-size 1
 --global-batch-size 256 --tensor-model-parallel-size 2 --pipeline-model-parallel-size 2 --bf16 --swiglu
 --use-distributed-optimizer --sequence-parallel --recompute-activations --vocab-size 32000 --train-samples 1000000
 --num-experts 8 --moe-router-topk 2
"""
DEEPSPEED = (
    b'{"train_batch_size": 512, "train_micro_batch_size_per_gpu": 2, "gradient_accumulation_steps": 4, "bf16": '
    b'{"enabled": true}, "zero_optimization": {"stage": 3, "offload_optimizer": {"device": "cpu"}}, '
    b'"activation_checkpointing": {"partition_activations": true}, "optimizer": {"type": "AdamW", "params": {"lr": 1e-4}}}'
)
TORCHTITAN = b"""[model]
name = "llama3"
flavor = "8B"
[training]
local_batch_size = 2
seq_len = 8192
steps = 1000
[parallelism]
tensor_parallel_degree = 2
pipeline_parallel_degree = 1
context_parallel_degree = 1
data_parallel_shard_degree = -1
[activation_checkpoint]
mode = "selective"
"""
NEMO = (
    b"trainer.num_nodes=4 trainer.devices=8 model.tensor_model_parallel_size=4 model.pipeline_model_parallel_size=2 "
    b"model.num_layers=32 model.hidden_size=4096 model.micro_batch_size=1 model.global_batch_size=128 "
    b"model.encoder_seq_length=4096\n"
)


@functools.cache
def _configurations() -> tuple[bytes, ...]:
    return (*(path.read_bytes() for path in sorted(CONFIGS.glob("*.json"))), MEGATRON, DEEPSPEED, TORCHTITAN, NEMO)


# --- --set


def changes(data: bytes) -> bool:
    """Apply ``--set path=value`` arguments, one a line, and keep a plan that saves and opens."""
    from mitsumori.model.commands.arguments import apply_changes

    lines = data.decode("utf-8", errors="surrogateescape").split("\n")[:8]  # as Python decodes a command line
    plan = apply_changes(Plan(), lines)
    if Plan.from_dict(json.loads(json.dumps(plan.to_dict(), allow_nan=False))) != plan:
        raise Broken("the plan changed when it was saved")
    return True


@functools.cache
def _changes() -> tuple[bytes, ...]:
    def paths(data: dict[str, Any], prefix: str = "") -> Iterable[str]:
        for key, value in data.items():
            if isinstance(value, dict) and value:
                yield from paths(value, f"{prefix}{key}.")
            elif value not in ([], {}):
                yield f"{prefix}{key}={'null' if value is None else value}"

    every = [line.encode() for line in paths(Plan().model_dump(mode="json"))]
    typed = [
        "workload.tokens=1.5T",
        "model.params=70B",
        "table.servers=1,2,4",
        "money.usd_jpy=１５０",
        "cluster.servers=1,024",
        "overrides.training.tokens_per_s_per_gpu=9000",
        "notes.money.usd_jpy=メモ",
        "model.preset=llama3-70b",
        "workload.start_date=2026-04-01",
        "facility.cooling=immersion",
        "money.cloud.term=spot",
    ]
    return (*every, *(text.encode() for text in typed), "\n".join(typed[:4]).encode())


# --- workbooks that come back


def workbook(data: bytes) -> bool:
    """Take the changes of a returned workbook into the plan it was made of."""
    from mitsumori.model.workbook.read import applied, differences

    plan = _exported_plan()
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        changed = applied(plan, differences(plan, Path(file.name)))
    if Plan.from_dict(json.loads(json.dumps(changed.to_dict(), allow_nan=False))) != changed:
        raise Broken("the returned plan is not a valid plan")
    return True


def has_reader() -> bool:
    """Whether this version reads workbooks back."""
    return importlib.util.find_spec("mitsumori.model.workbook.read") is not None


@functools.cache
def _exported_plan() -> Plan:
    from mitsumori.model.plan.project import load_sample

    return load_sample("llama2-7b-sft").plan


@functools.cache
def _workbooks() -> tuple[bytes, ...]:
    from mitsumori.model.estimate.estimate import estimate
    from mitsumori.model.workbook import build, to_bytes

    plan = _exported_plan()
    whole = to_bytes(build(plan, estimate(plan), "en"))
    return (whole, _only_inputs(whole))


def _only_inputs(whole: bytes) -> bytes:
    """A smaller workbook: the sheets that hold no input are emptied, so that a case costs little."""
    source, target = zipfile.ZipFile(io.BytesIO(whole)), io.BytesIO()
    parts = {name: source.read(name) for name in source.namelist()}
    book = parts["xl/workbook.xml"].decode()
    named = re.findall(r"""<definedName name="(?:in_|doc_)[^>]*>'?([^'!<]+)'?!""", book)
    order = re.findall(r'<sheet [^>]*?name="([^"]+)"', book)
    kept = {f"xl/worksheets/sheet{index}.xml" for index, title in enumerate(order, 1) if title in set(named)}
    empty = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            drop = re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name) and name not in kept
            archive.writestr(name, empty if drop else content)
    return target.getvalue()


# --- catalogue files and price lists


def catalogue_file(data: bytes) -> bool:
    """Read a user's catalogue file."""
    from mitsumori.model.catalogue.user_files import catalogue_text, parse_catalogue

    records = parse_catalogue(data, "own.toml")
    Catalogue.shipped().with_records(records)
    if parse_catalogue(catalogue_text(records).encode(), "own.toml") != records:
        raise Broken("the catalogue changed when it was saved")
    return True


def price_list(data: bytes) -> bool:
    """Import a price list."""
    from mitsumori.model.catalogue.user_files import import_prices

    separator, encoding = ("\t", "cp932") if b"\t" in data[:200] else (",", "utf-8-sig")
    records = import_prices(data, "prices.csv", separator=separator, encoding=encoding)
    Catalogue.shipped().with_records(records)
    return True


def has_catalogue_files() -> bool:
    """Whether this version reads catalogue files."""
    return importlib.util.find_spec("mitsumori.model.catalogue.user_files") is not None


CATALOGUE = """[servers."My server"]
base = "HPE-XD670"
max_power_kw = 9.75
price = { low = 43000000, high = 45000000, currency = "JPY", date = "2026-04" }

[cloud.own]
base = "aws-p5.48xlarge-ap-northeast-1-tokyo"
prices = { on_demand_per_h = 71.5 }
price_date = "2026-10-01"
"""
PRICES = """kind,key,field,value,currency,date,source
servers,HPE-XD670,price,45000000,JPY,2026-10-01,quotation 123
cloud,aws-p5.48xlarge-ap-northeast-1-tokyo,prices.on_demand_per_h,71.5,USD,2026-10-01,portal
"""


@dataclass(frozen=True)
class Target:
    """One way in: what is called, the seeds, the words a mutation may use, and how large a case may grow."""

    name: str
    run: Callable[[bytes], bool]
    seeds: Callable[[], tuple[bytes, ...]]
    kind: str
    share: float
    """Part of the cases of a campaign."""
    largest: int = 20_000
    ready: Callable[[], bool] = lambda: True


TARGETS = {
    target.name: target
    for target in (
        Target("project", project, _samples, "json", 0.30),
        Target("estimate", estimated, _samples, "json", 0.04),
        Target("runs", runs, _runs, "csv", 0.12),
        Target("configuration", configuration, _configurations, "text", 0.22),
        Target("set", changes, _changes, "set", 0.25),
        Target("workbook", workbook, _workbooks, "zip", 0.01, 400_000, has_reader),
        Target("catalogue", catalogue_file, lambda: (CATALOGUE.encode(),), "text", 0.03, ready=has_catalogue_files),
        Target("prices", price_list, lambda: (PRICES.encode(), PRICES.replace(",", "\t").encode("cp932")), "csv", 0.03,
               ready=has_catalogue_files),
    )
}  # fmt: skip


def check(target: Target, data: bytes) -> str:
    """Run one case; ``accepted`` or ``refused``, and anything else is raised."""
    try:
        return "accepted" if target.run(data) else "refused"
    except Refusal as refusal:
        check_sentence(refusal)
        return "refused"
