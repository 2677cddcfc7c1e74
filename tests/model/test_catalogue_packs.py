"""``mitsumori catalogue``: the listing, packs written, read, shown and taken; broken ones refused."""

import hashlib
import io
import json
import zipfile

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.listing import age_in_months, rows
from mitsumori.model.catalogue.packs import differences, known_keys, pack_bytes, read_pack, take_pack
from mitsumori.model.catalogue.user_files import load_catalogue
from mitsumori.model.cli import main

SHIPPED = Catalogue.shipped()
OWN = SHIPPED.with_records(
    {"servers": {"HPE-XD670": {"max_power_kw": 9.8}, "Ours": {"base": "DGX-H100", "weight_kg": 99.0}}}
)


def said(capsys, *words):
    status = main([str(word) for word in words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def document(capsys, *words):
    status, out, _ = said(capsys, *words, "--json")
    assert status == 0
    return json.loads(out)


def test_every_figure_is_listed_with_its_source(capsys):
    found = document(capsys, "catalogue")
    assert found["version"]
    assert set(found["records"][0]) == {
        "kind", "key", "name", "field", "value", "unit", "source", "url", "date", "grade", "weak",
    }  # fmt: skip
    listed = {(row["kind"], row["key"], row["field"]): row for row in found["records"]}
    power = listed["servers", "DGX-B200", "max_power_kw"]
    assert (power["value"], power["unit"], power["grade"], power["weak"]) == (14.3, "kW", "A", False)
    assert len(listed) == len(found["records"])
    assert all(row["source"] for row in found["records"])


def test_weak_and_old_figures_are_told_apart(capsys):
    weak = document(capsys, "catalogue", "servers", "--weak")["records"]
    assert weak
    assert all(row["weak"] and row["grade"] == "C" and row["kind"] == "servers" for row in weak)
    old = document(capsys, "catalogue", "--older-than", "36")["records"]
    assert ("DGX-A100", "price.low") in {(row["key"], row["field"]) for row in old}
    assert {row["kind"] for row in document(capsys, "catalogue", "cloud")["records"]} == {"cloud", "cloud_storage"}
    status, out, err = said(capsys, "catalogue", "server")
    assert (status, out) == (2, "")
    assert "servers" in err


@pytest.mark.parametrize(
    ("date", "age"), [("2025-11-30", 12), ("2026-05", 6), ("2024", 23), ("undated", None), (None, None)]
)
def test_ages_of_dates(date, age):
    import datetime as dt

    assert age_in_months(date, dt.date(2026, 11, 30)) == age


def test_a_pack_travels_without_loss():
    data = pack_bytes(OWN, "The maker")
    assert data == pack_bytes(OWN, "The maker"), "the same records make the same file"
    pack = read_pack(data, "a.zip")
    assert (pack.author, pack.signature) == ("The maker", "unsigned")
    assert differences(pack.records, OWN) == ()
    changed = {(one.kind, one.key, one.field) for one in differences(pack.records, SHIPPED)}
    assert changed == {
        ("servers", "HPE-XD670", "max_power_kw"),
        ("servers", "HPE-XD670", "prov"),
        ("servers", "Ours", ""),
    }
    listed = {(row.key, row.field): row for row in rows(SHIPPED.with_records(pack.records), "servers")}
    assert listed["HPE-XD670", "max_power_kw"].value == 9.8


def test_a_pack_is_shown_before_it_is_taken(tmp_path, capsys):
    file, folder = tmp_path / "ours.zip", tmp_path / "own"
    file.write_bytes(pack_bytes(OWN, own_only=True))
    shown = document(capsys, "catalogue", "take", file, "--catalogue", folder)
    assert not shown["taken"]
    assert not folder.exists()
    row = next(one for one in shown["changes"] if one["field"] == "max_power_kw")
    assert (row["before"], row["after"]) == (None, 9.8)
    assert document(capsys, "catalogue", "take", file, "--catalogue", folder, "--yes")["records"] == 2
    assert SHIPPED.with_records(load_catalogue(folder)).server("Ours").weight_kg == 99.0
    assert document(capsys, "catalogue", "take", file, "--catalogue", folder, "--yes")["changes"] == []


def _altered(data, name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            new.writestr(entry.filename, change(body) if entry.filename == name else body)
    return out.getvalue()


def test_a_broken_pack_is_refused():
    data = pack_bytes(OWN)
    for broken in (
        b"no zip", data[: len(data) // 2], _altered(data, "servers.toml", lambda body: body.replace(b"9.8", b"9.7")),
        _altered(data, "manifest.json", lambda body: body.replace(b"servers.toml", b"../servers.toml")),
        _altered(data, "manifest.json", lambda _: b"[]"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as caught:
            read_pack(broken, "a.zip")
        assert str(caught.value).endswith(".")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil.toml", "x")
    with pytest.raises(Refusal):
        read_pack(out.getvalue(), "a.zip")
    bad = b'[servers."X"]\nvendor = 3\n'
    manifest = {
        "format": "mitsumori-catalogue-pack",
        "version": 1,
        "files": {"servers.toml": hashlib.sha256(bad).hexdigest()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("servers.toml", bad)
    with pytest.raises(Refusal, match="vendor"):
        read_pack(out.getvalue(), "a.zip")


def test_signatures(tmp_path):
    pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    data = pack_bytes(OWN, "The maker", private_key=pem)
    pack = read_pack(data, "a.zip")
    assert pack.signature == "unknown"
    assert read_pack(data, "a.zip", frozenset({pack.key})).signature == "known"
    with pytest.raises(Refusal, match="signature"):
        read_pack(_altered(data, "manifest.json", lambda body: body.replace(b"The maker", b"The faker")), "a.zip")
    with pytest.raises(Refusal, match="Ed25519"):
        pack_bytes(OWN, private_key=b"no key")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "maker.pub").write_text(f"# the maker\n{pack.key}\n")
    assert pack.key in known_keys(tmp_path)
    written, count = take_pack(pack, tmp_path, "a", SHIPPED)
    assert (written.name, count) == ("a.toml", 2)
