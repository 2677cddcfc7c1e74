"""Each command with its options, as a user types them: what it prints and writes, and how it refuses."""

from __future__ import annotations

import datetime as dt
import errno
import json
from importlib import metadata
from pathlib import Path

import pytest

from mitsumori.model.base.version import program_version
from mitsumori.model.cli import main
from mitsumori.model.commands.arguments import apply_changes, apply_to_proposal
from mitsumori.model.plan.project import load_project, load_sample

SAMPLE = "llama3-70b-continual"
SMALL = "llama2-7b-sft"
FORMATS = Path(__file__).parent / "fixtures" / "formats"
RUN = (
    "id,source,source_date,kind,model,layers,hidden,ffn,heads,kv_heads,head_dim,vocab,gated_mlp,tied_embeddings,seq_len,gpu,"
    "gpus,precision,tp,sp,pp,vp,cp,dp,zero_stage,mbs,gbs_seqs,tokens_per_s_per_gpu\n"
    "x,our own run,2026-01-01,pretrain,Llama-2-70B,80,8192,28672,64,8,128,32000,1,0,4096,H100-SXM,64,fp8,4,1,4,20,1,4,1,1,"
    "128,1728\n"
)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main([str(word) for word in words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """One sentence on standard error, nothing on standard output, status 2."""
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert err.strip().endswith((".", "。"))
    return err


# table, advise ----------------------------------------------------------------------------------------------------------


def test_table_as_text_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("table", SAMPLE, "--set", "table.servers=4,8", "--set", "table.models=llama3-8b, llama3-70b")
    status, text, err = run(capsys, *words)
    assert (status, err) == (0, "")
    assert "{" not in text
    document = json.loads(run(capsys, *words, "--json")[1])
    assert {cell["servers"] for row in document["rows"] for cell in row["cells"]} == {4, 8}
    assert len(document["rows"]) >= 2


def test_advise_lists_as_many_as_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(capsys, "advise", SMALL, "--top", "3", "--json")[1])
    assert len(document["plans"]) == 3
    status, text, _ = run(capsys, "advise", SMALL, "--top", "1")
    assert status == 0
    assert text.strip()


@pytest.mark.parametrize("top", ["0", "-1", "many", "1.5", "100001"])
def test_a_number_of_layouts_is_a_whole_one(capsys: pytest.CaptureFixture[str], top: str) -> None:
    assert "whole number from 1 to 100,000" in refused(capsys, "advise", SMALL, f"--top={top}")


@pytest.mark.parametrize("option", [("--resume",), ("--dask", "tcp://127.0.0.1:1")])
def test_what_belongs_to_a_grid_needs_one(capsys: pytest.CaptureFixture[str], option: tuple[str, ...]) -> None:
    assert "belongs to --grid" in refused(capsys, "advise", SMALL, *option)


def test_a_grid_says_in_words_what_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    axes, out = tmp_path / "axes.json", tmp_path / "a study.csv"
    axes.write_text('{"cluster.servers": [1, 2]}', encoding="utf-8")
    assert "--out" in refused(capsys, "advise", SMALL, "--grid", axes)
    status, text, _ = run(capsys, "advise", SMALL, "--grid", axes, "--out", out)
    assert status == 0
    assert str(out) in text
    counts = json.loads(run(capsys, "advise", SMALL, "--grid", axes, "--out", out, "--resume", "--json")[1])
    assert counts == {"rows": 2, "computed": 0, "skipped": 2}
    assert "2 were there" in run(capsys, "advise", SMALL, "--grid", axes, "--out", out, "--resume", "--lang", "en")[1]


# plans, overrides, own catalogues ------------------------------------------------------------------------------------------


def test_a_plan_by_name_and_texts_that_look_like_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    project = load_sample(SAMPLE)
    second = project.plans[1]
    by_name = json.loads(run(capsys, "estimate", SAMPLE, "--plan", second.name, "--json")[1])
    by_letter = json.loads(run(capsys, "estimate", SAMPLE, "--plan", "B", "--json")[1])
    assert by_name == by_letter
    assert second.name in refused(capsys, "estimate", SAMPLE, "--plan", "nobody")
    plan = apply_changes(project.plan, ["name=70B", "notes.money.utilization=0.5", " cluster.servers =3"])
    assert (plan.name, plan.cluster.servers) == ("70B", 3)
    assert plan.notes["money.utilization"] == "0.5"
    assert apply_changes(project.plan, []) is project.plan
    changes = ["customer=true", "proposal.subject=00123", "proposal.valid_days=60", "proposal.issue_date=2027年3月31日"]
    offered = apply_to_proposal(project.proposal, changes)
    assert (offered.customer, offered.subject, offered.valid_days) == ("true", "00123", 60)
    assert offered.valid_until(dt.date(2020, 1, 1)) == dt.date(2027, 5, 30)
    assert apply_changes(project.plan, changes) is project.plan
    assert "proposal.valid_days" in refused(capsys, "estimate", SAMPLE, "--set", "proposal.valid_days=0")
    assert "proposal.color" in refused(capsys, "estimate", SAMPLE, "--set", "proposal.color=red")


def test_a_catalogue_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    refused(capsys, "estimate", SMALL, "--catalogue", tmp_path / "nowhere")


# export -------------------------------------------------------------------------------------------------------------------


def test_export_writes_the_workbook_of_the_audience(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    sheets = {}
    for audience in ("customer", "internal"):
        path = tmp_path / f"見積 {audience}.XLSX"
        assert run(capsys, "export", SMALL, path, "--lang", "en", "--audience", audience) == (0, "", "")
        sheets[audience] = openpyxl.load_workbook(path, read_only=True).sheetnames
    assert len(sheets["internal"]) >= len(sheets["customer"]) > 3


def test_slides_and_several_plans(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from pptx import Presentation

    plans = load_sample(SAMPLE).plans
    path = tmp_path / "out.pptx"
    status, said, notes = run(
        capsys, "export", SAMPLE, path, "--plans", "B,A", "--lang", "en", "--set", "customer=Aozora"
    )
    assert (status, said, notes) == (0, "", "")
    titles = [slide.shapes.title.text_frame.text for slide in Presentation(str(path)).slides]
    assert titles[0] == plans[1].name and len(titles) == 11
    assert "not both" not in refused(capsys, "export", SAMPLE, path, "--plans", "A", "--plan", "B")
    assert plans[1].name in refused(capsys, "export", SAMPLE, path, "--plans", "A,Z")
    assert "--template" in refused(capsys, "export", SAMPLE, tmp_path / "o.xlsx", "--template", path)
    assert "potx" in refused(capsys, "export", SAMPLE, path, "--template", tmp_path / "none.potx")
    assert run(capsys, "export", SAMPLE, tmp_path / "again.pptx", "--template", path)[0] == 0
    assert "PDF" in refused(capsys, "export", SAMPLE, tmp_path / "out.pdf"), "the core draws nothing"


@pytest.mark.parametrize("name", ["out.doc", "out", "out.xlsx.txt"])
def test_another_kind_of_file_is_not_written(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    assert ".xlsx" in refused(capsys, "export", SMALL, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    refused(capsys, "export", SMALL, tmp_path / "none" / "out.xlsx")
    status, out, err = run(capsys, "import", FORMATS / "llama-2-70b.json", "--out", tmp_path / "none" / "p.mitsumori")
    assert (status, out) == (1, "")
    assert len(err.strip().splitlines()) == 1
    assert "none" in err


# backtest, fit --------------------------------------------------------------------------------------------------------------


def test_backtest_in_words_and_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    file.write_text(RUN, encoding="utf-8")
    status, text, err = run(capsys, "backtest", file)
    assert (status, err) == (0, "")
    assert "1,728" in text or "1728" in text
    document = json.loads(run(capsys, "backtest", file, "--json")[1])
    assert document["rows"][0]["measured"] == 1728


def test_fit_refuses_what_is_too_little(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    file.write_text(RUN, encoding="utf-8")
    refused(capsys, "fit", file, "--no-write")
    refused(capsys, "fit", tmp_path / "none.csv", "--out", tmp_path / "step.json")
    assert not (tmp_path / "step.json").exists()


# import ---------------------------------------------------------------------------------------------------------------------


def test_a_configuration_becomes_a_plan(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without --out the project is printed, and what could not be taken over stands on standard error."""
    status, out, err = run(capsys, "import", FORMATS / "llama-2-70b.json")
    assert status == 0
    document = json.loads(out)
    assert document["plans"]
    path = tmp_path / "imported.mitsumori"
    status, remarks, nothing = run(capsys, "import", FORMATS / "llama-2-70b.json", "--out", path, "--lang", "ja")
    assert (status, nothing) == (0, "")
    plan = load_project(path).plan
    shape = plan.model.architecture
    assert plan.model.preset is not None or (shape is not None and shape.layers == 80)
    assert err.strip().count("\n") == remarks.strip().count("\n")


def test_what_the_file_does_not_say_is_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "p.mitsumori"
    assert run(capsys, "import", FORMATS / "llama-2-70b.json", "--into", SAMPLE, "--out", path)[0] == 0
    before, after = load_sample(SAMPLE), load_project(path)
    assert after.plan.cluster == before.plan.cluster
    assert after.plan.money == before.plan.money
    assert len(after.plans) == len(before.plans)
    assert after.plans[1:] == before.plans[1:]


def test_a_returned_workbook_is_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    from tests.model.test_workbook_read import edited, sample

    _, data = sample("internal")
    book, path = tmp_path / "returned.xlsx", tmp_path / "p.mitsumori"
    book.write_bytes(edited(data, in_workload_tokens=2e11))
    status, out, _ = run(capsys, "import", book, "--into", SAMPLE, "--out", path)
    assert status == 0
    assert "workload.tokens: 100000000000.0 -> 200000000000" in out
    assert load_project(path).plan.workload.tokens == 2e11


def test_a_returned_workbook_in_json_tells_dates_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    book = tmp_path / "sent.xlsx"
    assert run(capsys, "export", SAMPLE, book, "--audience", "internal")[0] == 0
    status, out, _ = run(capsys, "import", book, "--json")  # into a new plan, whose prices have other days
    assert status == 0
    changed = json.loads(out)["changes"]
    assert changed["money.onprem.price_date"] == [None, load_sample(SAMPLE).plan.money.onprem.price_date.isoformat()]


def test_a_project_is_no_file_of_another_tool_and_the_sentence_says_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "ours.mitsumori"
    path.write_bytes(load_sample(SAMPLE).to_bytes())
    assert "project of Mitsumori" in refused(capsys, "import", path, "--lang", "en")
    assert "プロジェクト" in refused(capsys, "import", path, "--lang", "ja")


def test_what_cannot_be_imported_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(capsys, "import", tmp_path / "none.json")
    refused(capsys, "import", tmp_path)
    (tmp_path / "text.json").write_text("not a configuration", encoding="utf-8")
    refused(capsys, "import", tmp_path / "text.json")
    monkeypatch.setattr("mitsumori.model.commands.arguments.LARGEST_INPUT_BYTES", 10)
    assert "larger than 10 bytes" in refused(capsys, "import", tmp_path / "text.json")


# the machine ------------------------------------------------------------------------------------------------------------------


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["--version"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("mitsumori ")
    assert "constants" in printed and "catalogue" in printed

    def nowhere(_name: str) -> str:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "version", nowhere)
    assert program_version.__wrapped__() == "0"


def test_a_full_disk_is_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mitsumori.model.commands.samples.run", full)
    status, out, err = run(capsys, "samples")
    assert (status, out, err) == (1, "", "- could not be used: the disk is full.\n")


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ("money.utilization=70%", "money.utilization", 0.7),
        ("money.onprem.server_price=5000万円", "money.onprem.server_price", 5e7),
        ("money.onprem.server_price=4,610万円", "money.onprem.server_price", 4.61e7),
        ("money.horizon_months=36か月", "money.horizon_months", 36),
        ("cluster.servers=４台", "cluster.servers", 4),
        ("workload.tokens=1000億", "workload.tokens", 1e11),
        ("facility.rack_kva=30kVA", "facility.rack_kva", 30.0),
        ("money.onprem.maintenance_rate=5%", "money.onprem.maintenance_rate", 0.05),
    ],
)
def test_a_figure_is_taken_with_its_unit(change: str, path: str, value: float) -> None:
    from mitsumori.model.commands.arguments import apply_changes
    from mitsumori.model.plan.project import load_sample

    plan = load_sample("llama3-70b-continual").plan
    assert apply_changes(plan, [change]).value(path) == pytest.approx(value)


@pytest.mark.parametrize(
    "change",
    [
        "money.onprem.server_price=30万ドル",
        "money.onprem.server_price=$300,000",
        "facility.rack_kva=30円",
        "cluster.servers=4kVA",
        "facility.rack_kva=30kW",
    ],
)
def test_a_figure_with_another_unit_is_refused(change: str) -> None:
    from mitsumori.model.base.refusal import PlanError
    from mitsumori.model.commands.arguments import apply_changes
    from mitsumori.model.plan.project import load_sample

    with pytest.raises(PlanError):
        apply_changes(load_sample("llama3-70b-continual").plan, [change])


@pytest.mark.parametrize(
    ("switch", "said"), [([], True), (["--set", "parallel.auto=false", "--set", "parallel.pp=1"], False)]
)
def test_a_typed_layout_that_does_not_act_is_said(
    capsys: pytest.CaptureFixture[str], switch: list[str], said: bool
) -> None:
    assert main(["estimate", "llama2-7b-sft", "--set", "parallel.tp=2", *switch, "--lang", "ja"]) == 0
    assert ("parallel.auto=false" in capsys.readouterr().err) is said


def test_the_calendar_takes_changes_for_every_plan(capsys: pytest.CaptureFixture[str]) -> None:
    def hours(*options: str) -> float:
        assert main(["calendar", "llama3-70b-continual", "--json", *options]) == 0
        return float(json.loads(capsys.readouterr().out)["plans"][0]["hours"])

    assert hours("--set", "workload.tokens=2e11") == pytest.approx(2 * hours(), rel=0.02)
    assert main(["calendar", "llama3-70b-continual", "--set", "workload.tokenz=1", "--lang", "ja"]) == 2
