"""TLS as scanners see it: 1.2 and 1.3, authenticated encryption alone, no finding above LOW"""

import json
import subprocess
import xml.etree.ElementTree

from proof import House, settle, UNBOUNDED

SEALED = ("GCM", "CHACHA20", "CCM")
GRAVE = ("MEDIUM", "HIGH", "CRITICAL", "FATAL")
# What testssl.sh asks of web sites. Why it is not asked of us:
OF_WEB_SITES = {
    "cert_revocation": "the authority that `coffer init` makes revokes nothing: a certificate is replaced, or brought along",
    "security_headers": "no browser shows what we answer",
}


def sslscan(place):
    said = subprocess.run(["sslscan", "--no-colour", "--xml=-", place], capture_output=True, check=True, timeout=120).stdout
    return xml.etree.ElementTree.fromstring(said)


def testssl(house, place):
    """What it found that is no praise."""
    path = house.folder / "findings"
    subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--fast", "--add-ca", house.ca, "--jsonfile", path,
                    place], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False, timeout=900)
    return [found for found in json.loads(path.read_text()) if found["severity"] not in ("OK", "INFO")]


def scanned(proof, scan):
    spoken = sorted(one.get("version") for one in scan.iter("protocol") if one.get("enabled") == "1")
    ciphers = [(one.get("sslversion"), one.get("cipher")) for one in scan.iter("cipher")]
    proof.figure("sslscan: protocols", ", ".join(spoken))
    proof.figure("sslscan: ciphers", ", ".join(name for _, name in ciphers))
    proof.gate("TLS 1.2 and 1.3 alone", spoken == ["1.2", "1.3"])
    proof.gate("authenticated encryption with keys for one connection alone",
               ciphers and all(any(word in name for word in SEALED) and (version == "TLSv1.3" or name.startswith("ECDHE-"))
                               for version, name in ciphers))
    proof.gate("no heartbleed, no renegotiation", all(one.get("vulnerable") == "0" for one in scan.iter("heartbleed")) and
               all(one.get("supported") == "0" for one in scan.iter("renegotiation")))


def prove(proof):
    with House("prove") as house:
        house.init()
        house.start(*settle(house, UNBOUNDED))
        place = f"localhost:{house.port}"
        scanned(proof, sslscan(place))
        if proof.quick:
            print("   (--quick: without testssl.sh)")
        findings = [] if proof.quick else testssl(house, place)
        house.end()
    for found in findings:
        why = OF_WEB_SITES.get(found["id"])
        proof.figure(f"testssl.sh: {found['severity']} {found['id']}", found["finding"] + (f" (not counted: {why})" if why else ""))
    if not proof.quick:
        proof.gate("testssl.sh: 0 findings above LOW",
                   not any(found["severity"] in GRAVE and found["id"] not in OF_WEB_SITES for found in findings))
