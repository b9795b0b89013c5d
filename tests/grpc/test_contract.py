# SPDX-License-Identifier: MIT
"""The messages of proto/ are those of docs/contract.md, section 8: a changed name, number or type breaks a client that
nobody here can change."""
import pathlib
import re
import subprocess

import pytest
from google.protobuf import descriptor_pb2

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGES = ("auth", "records", "listings")
OWN_FIELDS_FROM = 32
WORDS = {"double", "int32", "int64", "bool", "string"}

# "money is double, counts int32, flags bool, everything else string": what the section leaves to these words.
MONEY = re.compile(r"(price|cost|amount|bid|deposit)$")
COUNTS = re.compile(r"(count|limit|offset|order|total)$")
FLAGS = re.compile(r"^(is_|has_)|^(success|valid|healthy|deleted)$")
MESSAGES = {"record": "Record", "records": "Record", "user": "User", "listing": "Listing", "listings": "Listing", "bid": "Bid",
            "offer": "Offer", "images": "ListingImage", "auction_details": "AuctionDetails", "update_mask": "FieldMask"}
REPEATED = {"records", "listings", "images"}


def section():
    text = (ROOT / "docs" / "contract.md").read_text()
    return re.search(r"^## 8\. gRPC\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1]


def type_of(name, said):
    if name in MESSAGES:
        return MESSAGES[name]
    if said in WORDS:
        return said
    for pattern, word in ((MONEY, "double"), (COUNTS, "int32"), (FLAGS, "bool")):
        if pattern.search(name):
            return word
    return "string"


def fields_of(text):
    """{name: (number, type, repeated)} of "id=1, limit=3 (int32), records=1 (repeated Record)"."""
    fields = {}
    for name, number, said in re.findall(r"(\w+)=(\d+)(?: \(([^)]*)\))?", text):
        words = re.findall(r"\w+", said)
        fields[name] = (int(number), type_of(name, next((word for word in words if word in WORDS), None)),
                        name in REPEATED or "repeated" in words)
    return fields


def messages_of(text):
    """The messages of a package's table; an answer without a name has its request's."""
    found = {}
    for cell, fields in re.findall(r"^\| (.*?) \| (.*?) \|$", text, re.MULTILINE):
        if cell == "message":
            continue
        requests, arrow, answer = cell.partition("→")
        asked, _, answered = fields.partition("→")
        for name in re.findall(r"\w+", requests):
            found[name] = fields_of(asked)
            if arrow:
                found[(re.findall(r"(\w+)$", answer) or [name.replace("Request", "Response")])[0]] = fields_of(answered)
    return found


def contract():
    parts = re.split(r"^### `package (\w+)`, `(\w+)`", section(), flags=re.MULTILINE)[1:]
    packages = {}
    for package, service, text in zip(parts[::3], parts[1::3], parts[2::3]):
        head = text.split("\n|")[0]
        methods = re.search(r"Methods: (.*?)[;.]", head, re.DOTALL)[1]
        packages[package] = {"service": service, "methods": set(re.findall(r"\w+", methods)),
                             "streams": dict(re.findall(r"(\w+)\s\(\w+ → stream (\w+)\)", head)), "messages": messages_of(text)}
    for package in packages.values():
        package["messages"].setdefault("HealthCheckRequest", {})
        package["messages"].setdefault("HealthCheckResponse", packages["auth"]["messages"]["HealthCheckResponse"])
    return packages


CONTRACT = contract()


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    out = tmp_path_factory.mktemp("proto") / "set.pb"
    names = [f"{package}.proto" for package in PACKAGES]
    subprocess.run(["protoc-c", "-I.", f"--descriptor_set_out={out}", *names], cwd=ROOT / "proto", check=True)
    return {file.package: file for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file}


def spelled(field):
    kind = descriptor_pb2.FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    kind = field.type_name.rpartition(".")[2] if kind == "message" else kind
    return field.number, kind, field.label == field.LABEL_REPEATED


def of_file(file):
    return {message.name: {field.name: spelled(field) for field in message.field} for message in file.message_type}


def test_the_section_is_read_whole():
    """The test would hold nothing if it failed to read: some of what each package must have."""
    assert set(CONTRACT) == set(PACKAGES)
    assert CONTRACT["records"]["messages"]["Record"]["price_paid"] == (16, "double", False)
    assert CONTRACT["records"]["messages"]["UpdateRecordRequest"]["update_mask"][0] == 32
    assert CONTRACT["auth"]["messages"]["AuthenticateResponse"]["user"] == (3, "User", False)
    assert CONTRACT["listings"]["messages"]["RemoveFromWatchlistResponse"] == {"success": (1, "bool", False)}
    assert len(CONTRACT["listings"]["messages"]["Listing"]) == 21
    assert {package: len(CONTRACT[package]["methods"]) for package in PACKAGES} == {"auth": 5, "records": 6, "listings": 12}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_message_of_the_contract_is_there_to_the_last_number(files, package):
    ours = of_file(files[package])
    for name, fields in CONTRACT[package]["messages"].items():
        assert name in ours, name
        assert {field: ours[name].get(field) for field in fields} == fields, name


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_of_ours_takes_a_number_below_32(files, package):
    known = CONTRACT[package]["messages"]
    for name, fields in of_file(files[package]).items():
        added = {field: row[0] for field, row in fields.items() if field not in known.get(name, {})}
        if name in known:
            assert all(number >= OWN_FIELDS_FROM for number in added.values()), (name, added)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_method_takes_and_gives_what_the_contract_says(files, package):
    wanted, service = CONTRACT[package], files[package].service[0]
    assert service.name == wanted["service"]
    ours = {method.name: method for method in service.method}
    assert set(ours) == wanted["methods"] | set(wanted["streams"])
    for name in wanted["methods"]:
        method = ours[name]
        assert method.input_type == f".{package}.{name}Request" and method.output_type == f".{package}.{name}Response"
        assert not method.client_streaming and not method.server_streaming
    for name, answer in wanted["streams"].items():
        assert ours[name].server_streaming and ours[name].output_type == f".{package}.{answer}"


def record_def():
    """{key in JSON: type} of the table that REST, CSV and gRPC share."""
    text = (ROOT / "src" / "app" / "record.def").read_text()
    return {name: kind for kind, name in re.findall(r'^FIELD\(\w+, (\w+), "(\w+)"', text, re.MULTILINE)}


KINDS = {"ID": "string", "TEXT": "string", "DATE": "string", "TIME": "string", "GRADE": "string", "FLAG": "bool", "MONEY": "double",
         "YEAR": "int32", "PIECES": "MediaPiece", "EXTRA": "ExtraEntry"}


def test_a_record_has_the_fields_of_rest_and_no_others(files):
    ours = of_file(files["records"])["Record"]
    rest = {re.sub(r"[A-Z]", lambda capital: "_" + capital[0].lower(), name): kind for name, kind in record_def().items()}
    assert set(ours) == set(rest)
    for name, kind in rest.items():
        assert ours[name][1] == KINDS.get(kind, "int64"), name
