"""A second listener for a Kafka of the tests: TLS, SCRAM, nothing without an ACL. The plain one stays, for admins."""

import subprocess
from pathlib import Path

from kafka.admin import ACL, ACLOperation, ACLPermissionType, KafkaAdminClient, ResourcePattern, ResourceType
from kafka.admin import ACLResourcePatternType as Kind

from streams.embedded import HOST, free_port
from tests.servers.kafka import SETTINGS, Kafka

USER, PASSWORD = "tocsin", "correct-horse"


class SecureKafka(Kafka):
    """`.secure` is the address, `.ca` the certificate to trust."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = folder / "cert.pem"
        self.secure = f"{HOST}:{free_port()}"
        _make_certificate(folder)
        super().__init__(folder, settings=self._secured(folder))
        self.more_listeners = (f"SECURE://{self.secure}",)
        self.format_options = ("--add-scram", f"SCRAM-SHA-256=[name={USER},password={PASSWORD}]")

    def _secured(self, folder: Path) -> dict[str, str]:
        listener = "listener.name.secure"
        return {
            "listener.security.protocol.map": SETTINGS["listener.security.protocol.map"] + ",SECURE:SASL_SSL",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            f"{listener}.sasl.enabled.mechanisms": "SCRAM-SHA-256",
            f"{listener}.scram-sha-256.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            f"{listener}.ssl.keystore.type": "PEM",
            f"{listener}.ssl.keystore.location": str(folder / "key-and-cert.pem"),
        }

    def allow(self, topics: str, group: str) -> None:
        """What docs/operations.md says a worker needs: its topics, its groups, and nothing of the cluster."""
        rights = {
            (ResourceType.TOPIC, topics): ("READ", "WRITE", "DESCRIBE", "DESCRIBE_CONFIGS"),
            (ResourceType.GROUP, group): ("READ",),
        }
        acls = [
            ACL(
                f"User:{USER}",
                "*",
                ACLOperation[one],
                ACLPermissionType.ALLOW,
                ResourcePattern(kind, name, Kind.PREFIXED),
            )
            for (kind, name), operations in rights.items()
            for one in operations
        ]
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        admin.create_acls(acls)
        admin.close()


def _make_certificate(folder: Path) -> None:
    key, cert = folder / "key.pem", folder / "cert.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=tests", "-addext", f"subjectAltName=IP:{HOST}", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(words, check=True, capture_output=True)
    (folder / "key-and-cert.pem").write_text(key.read_text() + cert.read_text())
