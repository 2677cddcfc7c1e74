"""Words a customer reads: one meaning each, true for one thing as for many, neutral where nothing is better."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from mitsumori.gui.tabs.scenario_table import MEASURES
from mitsumori.gui.words.translation import set_language
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan

WORDS = Path(__file__).parents[2] / "resources" / "i18n"


def translations() -> list[str]:
    found = []
    for path in sorted(WORDS.glob("*_ja.ts")):
        for message in ET.parse(path).getroot().iter("message"):
            node = message.find("translation")
            if node is not None:
                found.append("".join(node.itertext()))
    return found


def test_proposal_means_the_document_only() -> None:
    """提案 was the advisor's tab, the suggestions and the document; now 最適化, 改善案 and 提案書."""
    used = [words for words in translations() if "提案" in words]
    assert used
    assert not [words for words in used if re.search("提案(?!書)", words)]


def test_no_finding_leads_from_one_rack_to_one_rack() -> None:
    """ "1 本から 1 本になり、運転費が…": a method that only costs less to run says that the racks stay as many."""
    for servers in (1, 2, 4, 8):
        for cooling in ("rear_door", "in_row", "containment"):
            plan = Plan().with_values({"cluster.servers": servers, "facility.cooling": cooling})
            for finding in estimate(plan).findings:
                for language in ("ja", "en"):
                    said = finding.message(language)
                    for before, after in re.findall(r"(\d[\d,]*) 本から (\d[\d,]*) 本", said):
                        assert before != after, said
                    for after, before in re.findall(r"takes (\d[\d,]*) racks instead of (\d[\d,]*)", said):
                        assert before != after, said


def test_an_earlier_break_even_is_not_called_better() -> None:
    """A dearer cloud made the break-even earlier and earned it a green tick."""
    set_language("en")
    measure = next(one for one in MEASURES if one.name() == "Break-even")
    assert measure.less is None
