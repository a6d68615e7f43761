#!/usr/bin/env python3
"""Check a proof that `accord proof` wrote, without Accord: Python's standard library and `cryptography` only.

    python verify_proof.py PROOF (--key FILE | --fingerprint HEX) [--file DOCUMENT] [--head HASH]

--key or --fingerprint names the installation's public key, which you got on another way than the proof.
--file is the document itself: its SHA-256 has to be the one in the proof. --head is a head that you noted
(from the daily mail): the proof has to lead to it, which shows that the ledger was not rewritten since.

Exit status: 0 all holds, 1 something does not, 2 wrong usage or not a proof.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

FORMAT = "accord-proof:1"


class DoesNotHold(Exception):
    """What is wrong, in words."""


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with one form for one value: keys sorted, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def key_of(proof: dict[str, Any], key_file: str | None, fingerprint: str | None) -> Ed25519PublicKey:
    """The public key to check with: the one in the file, or the proof's own when it has the fingerprint."""
    if key_file:
        with open(key_file, "rb") as source:
            key = load_pem_public_key(source.read())
    else:
        key = load_pem_public_key(proof["public_key"].encode())
    if not isinstance(key, Ed25519PublicKey):
        raise DoesNotHold("the key is not an Ed25519 public key")
    own = hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
    if fingerprint and own != fingerprint.lower().replace(" ", "").replace(":", ""):
        raise DoesNotHold(f"the key in the proof has the fingerprint {own}, not the one that you gave")
    return key


def check_format(proof: dict[str, Any]) -> None:
    if proof["format"] != FORMAT:
        raise ValueError(f"its format is {proof['format']}, not {FORMAT}")


def check_head(proof: dict[str, Any], noted: str) -> None:
    """The head is the one that was noted elsewhere."""
    if noted.lower() != proof["head"]["hash"]:
        raise DoesNotHold(f"the proof leads to the head {proof['head']['hash']}, not to the one that you noted")


def check_record(proof: dict[str, Any]) -> None:
    """The record is what the event says of it, and the event is the upload of a version."""
    event, record = proof["event"], proof["record"]
    if event["entity"] != "document_version" or event["before"] is not None:
        raise DoesNotHold("the event is not the upload of a version")
    if json.loads(event["after"]) != record or record["id"] != event["entity_id"]:
        raise DoesNotHold("the record is not what the event says")


def check_chain(proof: dict[str, Any]) -> None:
    """From the event to the head: each hash is made of the one before, its signature, and a digest."""
    before, head = proof["before"], proof["head"]
    content = canonical(proof["event"])
    hash_ = sha256(before["hash"] + before["signature"] + (content if proof["event_form"] == 1 else sha256(content)))
    signature = proof["signature"]
    for step in proof["steps"]:
        told = step["digest"] if "digest" in step else step["content"]
        hash_, signature = sha256(hash_ + signature + told), step["signature"]
    if hash_ != head["hash"] or signature != head["signature"]:
        raise DoesNotHold("the chain does not lead from the event to the head")
    if proof["event"]["seq"] + len(proof["steps"]) != head["seq"]:
        raise DoesNotHold("the chain does not have as many events as lie between event and head")


def check_signature(proof: dict[str, Any], key: Ed25519PublicKey) -> None:
    """The head is signed by the installation."""
    head = proof["head"]
    try:
        key.verify(base64.b64decode(head["signature"]), f"accord-head:1:{head['seq']}:{head['hash']}".encode())
    except (InvalidSignature, ValueError) as error:
        raise DoesNotHold("the head is not signed by this key") from error


def check_file(proof: dict[str, Any], name: str) -> None:
    """The document is byte for byte the one that was uploaded."""
    found = hashlib.sha256()
    with open(name, "rb") as source:
        while piece := source.read(1 << 20):
            found.update(piece)
    if found.hexdigest() != proof["record"]["sha256"]:
        raise DoesNotHold(f"{name} is not the file of this version: its SHA-256 is {found.hexdigest()}")


def main() -> int:
    asking = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asking.add_argument("proof")
    known = asking.add_mutually_exclusive_group(required=True)
    known.add_argument("--key", metavar="FILE", help="the installation's public key (PEM)")
    known.add_argument("--fingerprint", metavar="HEX", help="its fingerprint: SHA-256 of the 32 bytes")
    asking.add_argument("--file", metavar="DOCUMENT", help="the document, to compare its SHA-256")
    asking.add_argument("--head", metavar="HASH", help="a head that you noted: the proof has to lead to it")
    asked = asking.parse_args()
    try:
        with open(asked.proof, encoding="utf-8") as source:
            proof = json.load(source)
        check_format(proof)
        key = key_of(proof, asked.key, asked.fingerprint)
        check_record(proof)
        check_chain(proof)
        check_signature(proof, key)
        if asked.file:
            check_file(proof, asked.file)
        if asked.head:
            check_head(proof, asked.head)
    except DoesNotHold as error:
        print(f"DOES NOT HOLD: {error}.")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"Not a proof that can be checked: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    record, event = proof["record"], proof["event"]
    print(f"HOLDS: version {record['number']} of document {record['document_id']}, “{record['file_name']}”,")
    print(f"  {record['size']} bytes, SHA-256 {record['sha256']},")
    print(f"  was uploaded by {event['actor_name']}, written down {event['recorded_at']} UTC as event {event['seq']};")
    print(f"  head {proof['head']['seq']} ({proof['head']['hash']}) is signed and covers it.")
    print("  The file is that version." if asked.file else "  No file was compared (--file).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
