"""Containers: the command that ``docker run``, a Compose file or a Kubernetes manifest starts, as a shell would write it.

Fields: https://docs.docker.com/reference/compose-file (``image``, ``entrypoint``, ``command``) and
https://kubernetes.io/docs (``image``, ``command``, ``args``). The entry points of published images are those of their
Dockerfiles.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.recipes import yaml_of

_ENTRY: Final = (
    (r"(^|/)vllm-openai(:|@|$)", "vllm serve"),
    (r"(^|/)sglang(:|@|$)", ""),
    (r"tensorrt-?llm", ""),
)
"""Images of inference servers and the program that they start where the container names none."""
_SHELLS: Final = re.compile(r"^(/usr)?(/bin/)?(env )?(ba|da|z)?sh$")
_MOST_DOCUMENTS: Final = 40
_MOST_PARTS: Final = 5000
_IMAGE: Final = re.compile(r"(?:^|(?<=\s))[\w.\-/]*vllm-openai(?:[:@][\w.\-:]+)?(?=\s)")


def command_of(text: str) -> str | None:
    """The command lines of the containers in a text, each on a line of its own; None where there are none.

    Of a container that several Pods have, the number stands before its line as ``COPIES=N``, which :func:`copies_of` reads.

    Parameters
    ----------
    text
        A script with ``docker run``, a Compose file or a manifest; its lines ended by line feeds.

    Raises
    ------
    Refusal
        For a manifest whose containers start nothing that is said.
    """
    if re.search(r"(?m)^\s*(sudo\s+)?(docker|podman|nerdctl)\s+(container\s+)?run\b", text):
        joined = text.replace("\\\n", " ")
        return _IMAGE.sub("vllm serve", joined) if _IMAGE.search(joined) else None
    if (started := _dockerfile(text)) is not None:
        return started
    if not re.search(r"(?m)(^|[\s{,])[\"']?image[\"']?\s*:", text):
        return None
    lines = _gathered(pair for document in _documents(text) for pair in _lines(document))
    return "\n".join(lines) if lines else None


def _dockerfile(text: str) -> str | None:
    """What ``ENTRYPOINT`` and ``CMD`` of a Dockerfile start, in their form as a list; None for another text."""
    image = re.findall(r"(?m)^FROM\s+(\S+)", text)
    said = dict(re.findall(r"(?m)^(ENTRYPOINT|CMD)\s+(\[.*\])\s*$", text))
    if not image or not said:
        return None
    lists: dict[str, list[str]] = {}
    for name, value in said.items():
        try:
            lists[name] = [str(word) for word in json.loads(value)]
        except ValueError:
            return None
    container = {"image": image[-1], "entrypoint": lists.get("ENTRYPOINT"), "command": lists.get("CMD", [])}
    return _line(container) or None


def _documents(text: str) -> list[dict[str, object]]:
    """The mappings of a YAML file of one or several documents."""
    parts = re.split(r"(?m)^---[ \t]*(?:#.*)?$", text)
    return [found for part in parts[:_MOST_DOCUMENTS] if (found := yaml_of(part)) is not None]


_COUNTS: Final = ("replicas", "parallelism", "numNodes", "nodeCount")
"""Keys of manifests that say how many Pods a template makes: Deployment, StatefulSet, PyTorchJob and JobSet; Job; TrainJob."""


def _lines(document: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    stack: list[tuple[object, int]] = [(document, 1)]
    count = 0
    while stack and count < _MOST_PARTS:
        item, copies = stack.pop()
        count += 1
        if isinstance(item, Mapping):
            if isinstance(item.get("image"), str) and (line := _line(item)):
                deploy = item.get("deploy")  # Compose says it beside the image
                asked = deploy.get("replicas") if isinstance(deploy, Mapping) else item.get("scale")
                yield line, copies * (asked if isinstance(asked, int) and 1 < asked <= 100_000 else 1)
            said = [
                value for name in _COUNTS if isinstance(value := item.get(name), int) and not isinstance(value, bool)
            ]
            within = copies * math.prod(value for value in said if 1 < value <= 100_000)
            stack.extend((value, within) for value in reversed(list(item.values())))
        elif isinstance(item, list):
            stack.extend((value, copies) for value in reversed(item))


def _gathered(lines: Iterable[tuple[str, int]]) -> list[str]:
    """The master and the workers of one job, which start the same program, as one line with all their Pods."""
    counts: dict[str, int] = {}
    for line, copies in lines:
        counts[line] = counts.get(line, 0) + copies
    return [_marked(line, copies) for line, copies in counts.items()]


def _marked(line: str, copies: int) -> str:
    """A command line with the number of its Pods, unless it says itself how many nodes there are."""
    if copies == 1 or re.search(r"--nnodes?[= ]\d", line):
        return line
    named = re.sub(r"(--nnodes?)[= ]\$[\w(){}]+", rf"\1={copies}", line)
    return named if named != line else f"COPIES={copies} {line}"


def copies_of(command: str) -> int:
    """Pods that have the container of the first command that :func:`command_of` marked; 1 where none is marked."""
    found = re.search(r"(?m)^COPIES=(\d{1,6}) ", command)
    return int(found.group(1)) if found else 1


def _line(container: Mapping[str, object]) -> str:
    """The command line of one container: its own program, else the image's entry point, and its arguments."""
    program = _words(container.get("entrypoint") or (container.get("command") if "args" in container else None))
    rest = _words(container.get("args") if "args" in container else container.get("command"))
    if not program and (not rest or rest[0].startswith("-")):
        entry = next((entry for pattern, entry in _ENTRY if re.search(pattern, str(container["image"]))), "")
        program = entry.split()
    words = [*program, *rest]
    if len(words) >= 3 and _SHELLS.match(words[0]) and re.fullmatch(r"-[a-z]*c", words[1]):
        return words[2]
    return " ".join(word if "$" in word else shlex.quote(word) for word in words)


def _words(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(word) for word in value if isinstance(word, str | int | float)]
    if not isinstance(value, str):
        return []
    try:
        return shlex.split(value.replace("\\\n", " "))
    except ValueError:
        return value.split()


OTHERS: Final = (
    ("llama.cpp", r"\bllama-(server|cli|bench)\b|\.gguf\b"),
    ("Text Generation Inference", r"text-generation-(inference|launcher)"),
    ("NVIDIA NIM", r"nvcr\.io/nim/"),
    ("Ollama", r"(?m)^\s*ollama\s+(run|serve|pull)|^FROM\s+[\w./:-]+\s*\n(.*\n)*?\s*PARAMETER\s"),
    ("LMDeploy", r"\blmdeploy\s+serve\b"),
    ("Triton Inference Server", r"\btritonserver\b"),
    (
        "Megatron-Bridge's performance launcher",
        r"scripts/performance/\w+\.py|run_script\.py\s.*--?(model_name|model_family)",
    ),
)
"""Tools that are known by name and whose commands say no layout that a plan takes."""


def refuse_others(text: str) -> None:
    """Refuse a command of another server or launcher by its name.

    Parameters
    ----------
    text
        A text in which nothing was recognised.

    Raises
    ------
    Refusal
        Where it is one of :data:`OTHERS`.
    """
    for what, pattern in OTHERS:
        if re.search(pattern, text):
            raise NamedRefusal("other_tool", what=what)
