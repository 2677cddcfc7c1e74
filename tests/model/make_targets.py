"""Makes the lists of names in ``fixtures/targets``: what the target tools' own parsers and configuration classes accept.

Nothing of the tools is run: their released wheels are read as text. In a folder of its own:
``pip download --no-deps --only-binary=:all: --python-version 3.12 -d WHEELS megatron-core megatron-bridge``, the same with
``--no-binary=:all:`` for deepspeed and the wheel of torchtitan, then ``python -m tests.model.make_targets WHEELS``. torchtitan's main
branch is ahead of its release: for each of its files of classes of flags that is in ``WHEELS/torchtitan/COMMIT/...`` (``git checkout
COMMIT -- torchtitan/config``) the names are kept with that commit.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

OUT = Path(__file__).parent / "fixtures" / "targets"


class Source:
    """The Python files of a wheel or a source archive, parsed when asked for."""

    def __init__(self, path: Path) -> None:
        self.version = re.split(r"-", path.name.removesuffix(".tar.gz"))[1]
        self.files: dict[str, str] = {}
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(".py"):
                        self.files[name] = archive.read(name).decode("utf-8")
        else:
            with tarfile.open(path) as archive:
                for member in archive.getmembers():
                    file = archive.extractfile(member) if member.name.endswith(".py") else None
                    if file is not None:
                        self.files[member.name.partition("/")[2]] = file.read().decode("utf-8")

    def tree(self, name: str) -> ast.Module:
        """The syntax tree of a file."""
        return ast.parse(self.files[name])


def classes(trees: Iterable[ast.Module]) -> dict[str, ast.ClassDef]:
    """Classes of some files by name."""
    return {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def fields(name: str, known: dict[str, ast.ClassDef]) -> set[str]:
    """Annotated fields of a class and of its bases among the known ones (an alias ``MCoreX`` stands for ``X``)."""
    node = known.get(name) or known.get(re.sub(r"^(MCore|MTrain)", "", name))
    if node is None:
        return set()
    found = {
        item.target.id for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    for base in node.bases:
        inner = base.value if isinstance(base, ast.Subscript) else base
        called = inner.id if isinstance(inner, ast.Name) else inner.attr if isinstance(inner, ast.Attribute) else ""
        plain = re.sub(r"^(MCore|MTrain)", "", called)
        if plain != name:
            found |= fields(plain, known)
        elif (core := known.get("core." + plain)) is not None:
            found |= fields("core." + plain, {**known, "core." + plain: core})
    return {item for item in found if not item.startswith("_")}


def flags(tree: ast.Module, known: dict[str, ast.ClassDef]) -> set[str]:
    """Options of ``add_argument`` calls and of dataclasses that ``ArgumentGroupFactory`` turns into options."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "add_argument":
            found |= {
                item.value for item in node.args if isinstance(item, ast.Constant) and str(item.value).startswith("--")
            }
        elif called == "ArgumentGroupFactory" and node.args and isinstance(node.args[0], ast.Name):
            left = next((word.value for word in node.keywords if word.arg == "exclude"), None)
            skipped = set(ast.literal_eval(left)) if isinstance(left, ast.List | ast.Tuple | ast.Set) else set()
            found |= options(node.args[0].id, known, skipped)
    return found


def options(name: str, known: dict[str, ast.ClassDef], skipped: set[str]) -> set[str]:
    """Options that a dataclass becomes: a field's own ``arg_names`` or its name with hyphens."""
    found: set[str] = set()
    node = known.get(name)
    if node is None:
        return found
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id not in skipped:
            said = re.findall(r"'(--[\w-]+)'", ast.unparse(item.value)) if item.value is not None else []
            found |= set(said) or {"--" + item.target.id.replace("_", "-")}
    for base in node.bases:
        if isinstance(base, ast.Name):
            found |= options(base.id, known, skipped)
    return found


def _core_files(core: Source) -> list[str]:
    """Files of Megatron Core; its FSDP's own copies of classes first, so that the originals win."""
    names = [name for name in core.files if re.match(r"megatron/(core|training)/", name)]
    return sorted(names, key=lambda name: "/fsdp/" not in name)


def megatron(core: Source) -> dict[str, object]:
    """Options of Megatron-LM's own parser."""
    trees = [core.tree(name) for name in _core_files(core)]
    parser = core.tree("megatron/training/arguments.py")
    return {"package": "megatron-core", "version": core.version, "options": sorted(flags(parser, classes(trees)))}


def bridge(source: Source, core: Source) -> dict[str, object]:
    """Fields of Megatron-Bridge's configuration groups, and its recipes of precision."""
    inner = classes(core.tree(name) for name in _core_files(core))
    own = classes(source.tree(name) for name in source.files if name.startswith("megatron/bridge/"))
    known = {**inner, **own, **{"core." + name: node for name, node in inner.items()}}
    mixed = source.tree("megatron/bridge/training/mixed_precision.py")
    recipes = [
        node.name for node in ast.walk(mixed) if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "register" for mark in node.decorator_list)
    ]  # fmt: skip
    groups = {
        "model": fields("GPTModelProvider", known) | fields("MLAModelProvider", known) | fields("core.TransformerConfig", known),
        "train": fields("TrainingConfig", known) | fields("core.TrainingConfig", known),
        "optimizer": fields("core.OptimizerConfig", known),
        "ddp": fields("DistributedDataParallelConfig", known) | fields("core.DistributedDataParallelConfig", known),
        "dataset": fields("GPTDatasetConfig", known),
    }  # fmt: skip
    return {
        "package": "megatron-bridge", "version": source.version, "megatron-core": core.version,
        "groups": {name: sorted(found) for name, found in groups.items()}, "mixed_precision": sorted(recipes),
    }  # fmt: skip


def deepspeed(source: Source) -> dict[str, object]:
    """Keys of DeepSpeed's JSON: the constants of its runtime, and the fields of its pydantic models."""
    names: set[str] = set()
    for name in source.files:
        if re.match(
            r"deepspeed/(runtime|compression|elasticity|profiling|monitor|nebula|autotuning|comm|inference)/", name
        ):
            tree = source.tree(name)
            if name.endswith(("constants.py", "config.py", "config_utils.py", "precision_config.py")):
                for node in ast.walk(tree):
                    if (
                        isinstance(node, ast.Constant)
                        and isinstance(node.value, str)
                        and re.fullmatch(r"[a-z]\w{1,60}", node.value)
                    ):
                        names.add(node.value)
                    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                        names.add(node.target.id)
    return {"package": "deepspeed", "version": source.version, "keys": sorted(names)}


def torchtitan(release: Source, checked_out: Path) -> dict[str, object]:
    """Flags of torchtitan's classes of configurations, in its release and in checked out files of its main branch."""
    sections = {"training": "TrainingConfig", "parallelism": "ParallelismConfig"}
    own = classes(release.tree(name) for name in release.files if name.startswith("torchtitan/config/"))
    registries = {
        f"{name.split('/')[2]}.{node.name}"
        for name in release.files
        if re.fullmatch(r"torchtitan/models/\w+/config_registry\.py", name)
        for node in release.tree(name).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    commits: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for file in sorted(checked_out.rglob("*.py")):
        commit, _, name = file.relative_to(checked_out).as_posix().partition("/")
        known = classes([ast.parse(file.read_text(encoding="utf-8"))])
        for section, kind in sections.items():
            if kind in known:
                commits[name], names[section] = commit, sorted(fields(kind, known))
    return {
        "package": "torchtitan", "version": release.version, "release": {s: sorted(fields(k, own)) for s, k in sections.items()},
        "configurations": sorted(registries), "files": commits, "names": names,
    }  # fmt: skip


def main(folder: Path) -> None:
    """Read the wheels of a folder and write the lists."""

    def newest(start: str) -> Source:
        return Source(max(folder.glob(start + "-*")))

    core = newest("megatron_core")
    documents = {
        "megatron": megatron(core), "megatron_bridge": bridge(newest("megatron_bridge"), core),
        "deepspeed": deepspeed(newest("deepspeed")),
        "torchtitan": torchtitan(newest("torchtitan"), folder / "torchtitan"),
    }  # fmt: skip
    for name, document in documents.items():
        text = json.dumps(document, indent=0, ensure_ascii=False) + "\n"
        (OUT / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
